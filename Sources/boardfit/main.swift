print("boardfit")

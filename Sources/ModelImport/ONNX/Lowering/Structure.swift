import ModelIR

let structureLowerings: [String: Lower] = [:]

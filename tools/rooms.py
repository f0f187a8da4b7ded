"""Which part of the package may import which: the rooms of docs/architecture.md, held to every import.

``python tools/rooms.py`` prints which room imports which, and what is wrong, and exits with 1 if anything is. Every
import counts: those inside functions and those for type checkers only too, since a circle that only a late import
unties is still a circle for its readers.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "lineage_graph"
DOCUMENT = PACKAGE.parent / "docs" / "architecture.md"

# Room, or module of one, to the rooms and modules that it may import; itself aside. The longest name counts.
MAY_IMPORT = {
    "errors": "",
    "types": "",
    "relational": "types",
    "settings": "errors",
    "files": "",
    "model": "types relational errors",
    "graph": "model types relational errors",
    "server": "files errors settings",
    "store": "graph model types relational errors settings server files",
    "values": "files errors settings",
    "values.audit": "store.connection graph errors settings",
    "db": "store values graph model types relational errors settings",
    "importers": "db graph model types relational errors settings",
    "integrations": "db store.url tracing graph model types relational errors settings",
    "tracing": "errors",
    "lineage": "store.connection store.driver graph model types relational errors settings",
    "render": "lineage types errors",
    "exchange": "db lineage graph model types relational errors settings",
    "cli": "* __init__",
    "__main__": "cli",
    # What the package offers by name; nobody but the command line imports it, its version aside.
    "__init__": "db errors model.versions store.driver",
}

# Packages of others to the rooms and modules that may import them.
OTHERS = {
    "neo4j": "store server lineage",
    "lineapy": "integrations",
    "sqlalchemy": "importers",
    "typer": "cli",
}

# What model/ must not know: the clock, files, chance, the environment.
UNKNOWN_TO_MODEL = {"io", "os", "pathlib", "random", "secrets", "shutil", "subprocess", "tempfile", "time", "uuid"}
CLOCKS = {"now", "today", "utcnow"}

# What reads the environment.
READS = {"environ", "environb", "getenv", "getenvb", "*"}


@dataclass(frozen=True)
class Import:
    """One import: the module that has it, the line, and what is imported, by its full name."""

    module: str
    line: int
    imported: str


def covers(rule: str, module: str) -> bool:
    """Whether a rule's room or module is, or holds, a module."""
    return rule == module or module.startswith(f"{rule}.") or (rule == "*" and module != "__init__")


def rule_of(module: str) -> str | None:
    """The name in `MAY_IMPORT` that a module falls under."""
    return max((name for name in MAY_IMPORT if covers(name, module)), key=len, default=None)


def read(package: Path) -> dict[str, ast.Module]:
    """The syntax tree of each module, by its name below the package: ``store.writer``, ``cli``, ``__init__``."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        name = ".".join(path.relative_to(package).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return found


def imports_of(module: str, modules: dict[str, ast.Module], package: str) -> Iterator[Import]:
    """Every import of a module. Ours are named below the package: ``store.url``; those of others in full."""

    def named(full: str) -> str:
        below = full.removeprefix(package).removeprefix(".")
        if full != package and not full.startswith(f"{package}."):
            return full.partition(".")[0]
        while below and below not in modules:
            below = below.rpartition(".")[0]
        return f"{package}.{below or '__init__'}"

    is_package = any(other.startswith(f"{module}.") for other in modules)
    for node in ast.walk(modules[module]):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield Import(module, node.lineno, named(alias.name))
            case ast.ImportFrom(module=origin, names=names, level=level):
                if level:
                    folders = [package, *([] if module == "__init__" else module.split("."))]
                    inner = folders[: len(folders) - level + (is_package or module == "__init__")]
                    origin = ".".join([*inner, *([origin] if origin else [])])
                for alias in names:
                    # The package's __init__ has run whenever a module of it runs, so its version is there.
                    # Pure paths touch no file.
                    is_pure = origin == "pathlib" and alias.name.startswith("Pure")
                    if (origin, alias.name) != (package, "__version__") and not is_pure:
                        yield Import(module, node.lineno, named(f"{origin}.{alias.name}"))
            case ast.Call(func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__")):
                if node.args and isinstance(name := node.args[0], ast.Constant) and isinstance(name.value, str):
                    yield Import(module, node.lineno, named(name.value))


def problems(package: Path = PACKAGE) -> list[str]:
    """What breaks the rules, a line each; empty where nothing does."""
    modules = read(package)
    found = []
    arrows: dict[str, set[str]] = {module: set() for module in modules}
    for module, tree in modules.items():
        rule = rule_of(module)
        if rule is None:
            found.append(f"{module}: no rule says what it may import: add one to tools/rooms.py")
            continue
        room = rule.partition(".")[0]
        for edge in imports_of(module, modules, package.name):
            at = f"{module}:{edge.line}"
            if edge.imported.startswith(f"{package.name}."):
                imported = edge.imported.removeprefix(f"{package.name}.")
                if imported == module:
                    continue
                arrows[module].add(imported)
                if not covers(room, imported) and not any(covers(name, imported) for name in MAY_IMPORT[rule].split()):
                    found.append(f"{at}: {rule} may not import {imported}")
            elif edge.imported in OTHERS and room not in OTHERS[edge.imported].split():
                found.append(f"{at}: {edge.imported} is for {OTHERS[edge.imported].replace(' ', ', ')} only")
            elif room == "model" and edge.imported in UNKNOWN_TO_MODEL:
                found.append(f"{at}: model/ knows no {edge.imported}: no clock, no files, no chance")
        found += [f"{module}:{line}: {problem}" for line, problem in _forbidden_uses(room, tree)]
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        found.append(f"a circle: {' <- '.join(error.args[1])}")
    return found


def _forbidden_uses(room: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Where the environment is read outside settings.py, and where model/ opens a file or asks for the time."""
    nodes = list(ast.walk(tree))
    # os.environ["NAME"] = value
    set_only = {id(n.value) for n in nodes if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store | ast.Del)}
    for node in nodes:
        match node:
            case ast.Attribute(value=ast.Name(id="os" | "posix" | "nt"), attr=name) if (
                name in READS and room != "settings" and id(node) not in set_only
            ):
                yield node.lineno, "only settings.py reads the environment"
            case ast.ImportFrom(module="os" | "posix" | "nt", names=names) if room != "settings":
                if READS & {alias.name for alias in names}:
                    yield node.lineno, "only settings.py reads the environment"
            case ast.Call(func=ast.Name(id="open")) if room == "model":
                yield node.lineno, "model/ opens no file"
            case ast.Call(func=ast.Attribute(attr=attribute)) if room == "model" and attribute in CLOCKS:
                yield node.lineno, "model/ knows no clock"


def graph(package: Path = PACKAGE) -> dict[str, set[str]]:
    """Which room imports which."""
    modules = read(package)
    found: dict[str, set[str]] = {}
    for module in modules:
        room = module.partition(".")[0]
        arrows = found.setdefault(room, set())
        for edge in imports_of(module, modules, package.name):
            if edge.imported.startswith(f"{package.name}."):
                arrows.add(edge.imported.split(".")[1])
        arrows.discard(room)
    return found


def table() -> list[str]:
    """The rules as the rows of a Markdown table, as docs/architecture.md has them."""
    shown = {"": "no room", "* __init__": "all"}
    rows = []
    for room, allowed in MAY_IMPORT.items():
        if not room.startswith("__"):
            names = shown.get(allowed) or ", ".join(f"`{name}`" for name in allowed.split())
            rows.append(f"| `{room}` | {names} |")
    return rows


def main() -> int:
    """Print which room imports which, and what is wrong; the exit code."""
    found = problems()
    document = DOCUMENT.read_text(encoding="utf-8")
    found += [f"docs/architecture.md does not have: {row}" for row in table() if row not in document]
    rooms = graph()
    for room in TopologicalSorter(rooms).static_order() if not found else sorted(rooms):
        print(f"{room:12}  {' '.join(sorted(rooms[room])) or '-'}")
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

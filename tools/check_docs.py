"""Checks that the docs describe every command, option, setting and public name: a step of ``make docs``.

It compares the reference pages with the command line's own parser and with the settings, and the built site's inventory
(``objects.inv``) with the public names in the source code.
"""

from __future__ import annotations

import ast
import re
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent

# What users import. Those that a checkout does not have yet are held to the same rule once they are there.
PUBLIC_MODULES = (
    "lineage_graph",
    "lineage_graph.types",
    "lineage_graph.relational",
    "lineage_graph.errors",
    "lineage_graph.values",
    "lineage_graph.importers.lineapy",
    "lineage_graph.integrations.lineapy",
    "lineage_graph.server",
    "lineage_graph.lineage",
    "lineage_graph.tracing",
    "lineage_graph.exchange",
    "lineage_graph.render",
)


def commands(command: Any, words: str = "lineage-graph") -> Iterator[tuple[str, set[str]]]:
    """Every command that a parser knows, with its long options."""
    options = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    inner = getattr(command, "commands", {})
    if options or not inner:
        yield words, options
    for name, each in inner.items():
        yield from commands(each, f"{words} {name}")


def undocumented_commands(page: str, command: Any) -> list[str]:
    """The commands and options that the page of the command line leaves out, and those that it makes up."""
    found = []
    known = dict(commands(command))
    sections = dict(re.findall(r"^## `([^`]+)`\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    for words, options in known.items():
        if words not in sections:
            found.append(f"the command `{words}` is not documented")
            continue
        named = set(re.findall(r"^\| `(--[a-z0-9-]+)` \|", sections[words], re.MULTILINE))
        found += [f"the option `{words} {option}` is not documented" for option in sorted(options - named)]
        found += [f"there is no option `{words} {option}`" for option in sorted(named - options)]
    return found + [f"there is no command `{words}`" for words in sections if words not in known]


def undocumented_settings(page: str) -> list[str]:
    """The environment variables that the page of the settings leaves out, and those that it makes up."""
    from lineage_graph import settings

    classes = [value for name, value in vars(settings).items() if name.endswith("Settings") and name != "BaseSettings"]
    read = {variable for cls in classes for field in cls.model_fields for variable in cls.variables(field)}
    listed = set(re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \|", page, re.MULTILINE))
    found = [f"the variable {name} is not documented" for name in sorted(read) if f"`{name}`" not in page]
    return found + [f"there is no variable {name}" for name in sorted(listed - read)]


def public_names(root: Path = REPOSITORY) -> Iterator[str]:
    """The full name of every public name, and of every public method or property of a public class."""
    for module in PUBLIC_MODULES:
        path = _file_of(root, module)
        if path is None:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for name in _names_of(tree):
            yield f"{module}.{name}"
            yield from (f"{module}.{name}.{member}" for member in _members(_definition(root, tree, name)))


def undocumented_names(inventory: set[str], root: Path = REPOSITORY) -> list[str]:
    """The public names that the site does not describe."""
    return [f"the public name {name} is not documented" for name in public_names(root) if name not in inventory]


def inventory_of(site: Path) -> set[str]:
    """The names that a built site describes."""
    packed = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]
    return {line.split(" ")[0] for line in zlib.decompress(packed).decode().splitlines()}


def _file_of(root: Path, module: str) -> Path | None:
    place = root.joinpath(*module.split("."))
    return next((path for path in (place / "__init__.py", place.with_suffix(".py")) if path.is_file()), None)


def _names_of(tree: ast.Module) -> list[str]:
    """What ``__all__`` names, or else every name without an underscore that the module defines."""
    names = []
    for node in tree.body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            names.append(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name) and target.id == "__all__" and node.value is not None:
                    return list(ast.literal_eval(node.value))
                if isinstance(target, ast.Name):
                    names.append(target.id)
    return [name for name in names if not name.startswith("_")]


def _definition(root: Path, tree: ast.Module, name: str) -> ast.AST | None:
    """The class or function of a name, in this module or in the one of ours that it comes from."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == name and node in tree.body:
            return node
        if isinstance(node, ast.ImportFrom) and node.module and any(alias.name == name for alias in node.names):
            path = _file_of(root, node.module)
            if path is not None:
                return _definition(root, ast.parse(path.read_text(encoding="utf-8")), name)
    return None


def _members(definition: ast.AST | None) -> Iterator[str]:
    """The public methods and properties of a class. One without a docstring that has a base may override a method."""
    if not isinstance(definition, ast.ClassDef):
        return
    for node in definition.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("_"):
            is_setter = any(isinstance(each, ast.Attribute) for each in node.decorator_list)
            if not is_setter and (ast.get_docstring(node) or not definition.bases):
                yield node.name


def main() -> int:
    """Print what is missing; the status is 1 when something is."""
    import typer

    from lineage_graph.cli.app import app

    reference = REPOSITORY / "docs" / "reference"
    problems = [
        *undocumented_commands((reference / "cli.md").read_text(encoding="utf-8"), typer.main.get_command(app)),
        *undocumented_settings((reference / "settings.md").read_text(encoding="utf-8")),
        *undocumented_names(inventory_of(REPOSITORY / "site")),
    ]
    for problem in problems:
        print(f"docs: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

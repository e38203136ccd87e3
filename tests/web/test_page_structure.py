"""The rules of web/: imports in one direction, no circle, protocol/ without a page, files of at most 300 lines."""

from pathlib import Path

from tests.kit.page_modules import backward_imports, circles, eager, imports, long_files, missing_modules, unportable

WEB = Path(__file__).parents[2] / "web"


def read(*suffixes: str) -> dict[str, str]:
    """Return the page's files: path in web/ → text."""
    found = sorted(path for path in WEB.rglob("*") if path.suffix in suffixes)
    return {path.relative_to(WEB).as_posix(): path.read_text("utf-8") for path in found}


MODULES = read(".js")


def test_imports_are_found_in_each_form() -> None:
    assert imports("app.js", 'import { a, b } from "./pure/x.js";\n') == ["pure/x.js"]
    assert imports("screens/a.js", 'import {\n  a,\n} from "../pure/x.js";\nimport "./b.js";') == [
        "pure/x.js",
        "screens/b.js",
    ]
    assert imports("screens/a.js", "x = await import(`../words/${tag}.js`); // import('./not.js')") == [
        "words/${tag}.js"
    ]
    assert len(imports("app.js", MODULES["app.js"])) > 10


def test_imports_go_one_way() -> None:
    assert not backward_imports(MODULES)
    assert backward_imports({"pure/x.js": 'import { Call } from "../protocol/call.js";'})
    assert backward_imports({"protocol/x.js": 'import { $ } from "../screens/dom.js";'})
    assert backward_imports({"browser/x.js": 'import { $ } from "../screens/dom.js";'})
    assert backward_imports({"screens/x.js": 'import "../app.js";'})


def test_what_belongs_to_accounts_is_loaded_only_when_asked_for() -> None:
    assert not eager({path: text for path, text in MODULES.items() if path != "service-worker.js"})
    assert eager({"screens/x.js": 'import { a } from "./accounts/rooms.js";'})
    assert not eager({"screens/x.js": 'await import("./accounts/rooms.js")'})


def test_every_imported_module_is_there() -> None:
    assert not missing_modules(MODULES)
    assert missing_modules({"app.js": 'import { a } from "./gone.js";'})


def test_no_circle_of_imports() -> None:
    assert not circles(MODULES)
    assert circles({"a.js": 'import "./b.js";', "b.js": 'import "./c.js";', "c.js": 'import "./b.js";'}) == [
        "b.js -> c.js -> b.js"
    ]


def test_the_protocol_needs_no_page() -> None:
    assert not unportable(MODULES)
    assert unportable({"protocol/x.js": "localStorage.setItem('a', 'b');"})
    assert unportable({"pure/x.js": "history.replaceState(null, '', url);"})
    assert unportable({"pure/x.js": "/* a document */ document.title = '';"})
    assert not unportable({"protocol/x.js": "// no document\nfetch('/');", "screens/x.js": "document.title = '';"})


def test_no_file_is_long() -> None:
    assert not long_files(read(".js", ".css", ".html"))
    assert long_files({"x.css": "\n" * 301})

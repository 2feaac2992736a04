"""A browser, and the demo's report to open in it."""

import chromium
import pytest

from tests.workflow.conftest import demo  # noqa: F401


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A headless Chromium with one tab."""
    if chromium.found() is None:
        pytest.skip("no Chromium: install Debian's package chromium")
    browser = chromium.Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def report(browser, demo):  # noqa: F811
    """The demo's report; asked for after the browser, so that the demo is not run for nothing."""
    return demo.folder / "results/report.html"

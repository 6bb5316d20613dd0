"""A real browser at a desk."""

from playwright.sync_api import Page

from tests.pages.conftest import PASSWORD


def signed_in(page: Page, base: str, who: str = "zhou") -> list[str]:
    """Sign in by hand; the list collects every complaint of the browser from then on."""
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{base}/console/sign-in")
    page.fill("#f-login", who)
    page.fill("#f-password", PASSWORD)
    page.click("form.stack button")
    page.wait_for_url(f"{base}/console/")
    return complaints

"""Pages that stand in front of an article: robot checks, consent and login walls.

Only what is certain: a page that is unsure goes to the cleaning room, which judges
by the text that is left.
"""

import re

from selectolax.lexbor import LexborHTMLParser
from yarl import URL

SMALL_PAGE_CHARACTERS = 60_000  # a robot check is a page of its own, never a part of a long one
TITLE = re.compile(r"<title[^<>]{0,200}>\s*([^<]{0,200})", re.IGNORECASE | re.DOTALL)
ROBOT_CHECK_TITLE = re.compile(
    r"just a moment|attention required|access denied|access to this page has been denied|are you a robot|"
    r"are you human|verify you are human|security check|pardon our interruption|ddos-guard|request unsuccessful|"
    r"robot check|bot verification|403 forbidden|please wait\.\.\.|one more step|human verification",
    re.IGNORECASE,
)
ROBOT_CHECK_MARK = re.compile(
    r"cf-challenge|cf_chl_opt|/cdn-cgi/challenge-platform|captcha-delivery\.com|px-captcha|_Incapsula_Resource|"
    r"g-recaptcha|h-captcha|hcaptcha\.com|awswaf|distil_r_captcha|enable javascript and cookies to continue",
    re.IGNORECASE,
)
# schema.org: how publishers tell search engines that the text is not all there.
PAYWALL_MARK = re.compile(r"""["']?isAccessibleForFree["']?\s{0,5}[:=]\s{0,5}["']?false""", re.IGNORECASE)
CONSENT_HOST = re.compile(r"^(consent|guce|cmp|privacy-gate|myprivacy|consentmanager)\.", re.IGNORECASE)
GATE_PATH = re.compile(
    r"/(log-?in|sign-?in|register|subscribe|subscription|paywall|consent|privacy-gate|cookie-?wall|captcha|sso|"
    r"oauth2?|authenticate)([/.?]|$)",
    re.IGNORECASE,
)


def find_wall(asked_url: str, answered_url: str, html: str) -> str | None:
    """What kind of wall answered instead of the page asked for, or None."""
    asked, answered = URL(asked_url), URL(answered_url)
    if CONSENT_HOST.match(answered.host or "") and not CONSENT_HOST.match(asked.host or ""):
        return "redirected to a consent page"
    if GATE_PATH.search(answered.path) and not GATE_PATH.search(asked.path):
        return "redirected to a login, consent or subscription page"
    if len(html) <= SMALL_PAGE_CHARACTERS:
        title = TITLE.search(html)
        if title and ROBOT_CHECK_TITLE.match(title.group(1)) and ROBOT_CHECK_MARK.search(html):
            return "a robot check"
        if ROBOT_CHECK_MARK.search(html) and len(re.sub(r"<[^<>]*>|\s+", " ", html).split()) < 150:
            return "a robot check"
    return None


def is_paywall_stub(html: str, feed_text_characters: int) -> bool:
    """True when the page says that it is not free and shows clearly less text than the feed carried."""
    if not PAYWALL_MARK.search(html):
        return False
    shown_characters = sum(len(node.text().strip()) for node in LexborHTMLParser(html).css("p"))
    return shown_characters < 0.8 * feed_text_characters

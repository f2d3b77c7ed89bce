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
# Said by a page that holds nothing else. Of an article the same words prove nothing: see `_is_bare`.
ROBOT_WORDS = re.compile(
    r"\b(not|aren.t) a robot|kein roboter|pas un robot|no (eres|soy|es) un robot|non (sei|sono) un robot|"
    r"não (é|sou) um robô|geen robot|nie jeste(ś|m) robotem|не робот|robot olmad|لست روبوت|לא רובוט|"
    r"ロボットではない|不是机器人|不是機器人|安全验证|人机验证|로봇이 아닙니다",
    re.IGNORECASE,
)
CONSENT_WORDS = re.compile(
    r"(accept|agree to|allow) (all|and continue)|alle(s)? (akzeptieren|annehmen)|(akzeptieren|zustimmen) und weiter|"
    r"tout accepter|accepter et (continuer|fermer)|continuer sans accepter|acept(ar|o) (todo|todas|y continuar)|"
    r"accett(a|o) (tutto|tutti|e continua)|aceitar (tudo|todos|e continuar)|alles accepteren|"
    r"(accepteren|akkoord) en doorgaan|"
    r"za?akceptuj(ę)? wszystk|принять вс[её]|godkänn alla|tümünü kabul|قبول الكل|すべて(に)?同意|全部接受|모두 동의",
    re.IGNORECASE,
)
COOKIE_WORDS = re.compile(
    r"cookie|privacy|privacidad|datenschutz|tracking|consent|vie privée|конфиденциальност|çerez|隐私|プライバシー", re.I
)
PASSWORD_FIELD = re.compile(r"""<input[^<>]{0,300}type\s{0,3}=\s{0,3}["']?password""", re.IGNORECASE)
ARTICLE_MARK = re.compile(r"<article|NewsArticle|BlogPosting|og:type|article:published", re.IGNORECASE)
BARE_WORDS, BARE_CHARACTERS = 120, 900
BARE_LINKS = 6  # to the imprint, the partners, ...; a small home page has more
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
        return _find_bare_wall(html)
    return None


def _find_bare_wall(html: str) -> str | None:
    """A page that asks for something and holds nothing else: no mark of an article, hardly any text."""
    is_consent = CONSENT_WORDS.search(html) is not None and COOKIE_WORDS.search(html) is not None
    is_robot_check = ROBOT_WORDS.search(html) is not None
    is_login = PASSWORD_FIELD.search(html) is not None
    if not (is_consent or is_robot_check or is_login) or ARTICLE_MARK.search(html) or not _is_bare(html):
        return None
    return "a robot check" if is_robot_check else "a consent page" if is_consent else "a login page"


def _is_bare(html: str) -> bool:
    tree = LexborHTMLParser(html)
    tree.strip_tags(["script", "style", "noscript", "template", "head"])
    text = tree.body.text(separator=" ") if tree.body is not None else ""
    words = text.split()
    return len(tree.css("a[href]")) <= BARE_LINKS and len(words) < BARE_WORDS and sum(map(len, words)) < BARE_CHARACTERS


def is_paywall_stub(html: str, feed_text_characters: int) -> bool:
    """True when the page says that it is not free and shows clearly less text than the feed carried."""
    if not PAYWALL_MARK.search(html):
        return False
    shown_characters = sum(len(node.text().strip()) for node in LexborHTMLParser(html).css("p"))
    return shown_characters < 0.8 * feed_text_characters

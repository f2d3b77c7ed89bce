"""Walls by their words, in several languages; and articles that use the same words."""

from __future__ import annotations

import pytest

from pipeline.fetch.walls import find_wall

URL = "https://news.example/2026/ferry"


def find(body: str, head: str = "<title>News</title>") -> str | None:
    return find_wall(URL, URL, f"<html><head>{head}</head><body>{body}</body></html>")


@pytest.mark.parametrize(
    "words",
    [
        "We value your privacy. We and our partners store cookies. <button>Accept all</button>",
        "Mit Werbung und Tracking weiterlesen. Datenschutz <button>Akzeptieren und weiter</button>",
        "Nous utilisons des cookies. <button>Continuer sans accepter</button>",
        "Su privacidad es importante. <button>Aceptar y continuar</button>",
        "Noi e i nostri partner usiamo i cookie. <button>Accetta tutto</button>",
        "Мы используем файлы cookie. <button>Принять все</button>",
        "Çerez kullanıyoruz. <button>Tümünü kabul et</button>",
    ],
)
def test_a_bare_consent_page_is_a_wall(words: str) -> None:
    assert find(words) == "a consent page"


@pytest.mark.parametrize(
    "words",
    [
        "Verify that you are not a robot to go on.",
        "Bitte bestätigen Sie, dass Sie kein Roboter sind.",
        "Veuillez confirmer que vous n'êtes pas un robot.",
        "Verifica que no eres un robot para continuar.",
        "Подтвердите, что запросы отправляли вы, а не робот",
        "请完成安全验证后继续访问",
        "あなたがロボットではないことを確認してください",
    ],
)
def test_a_bare_robot_check_is_a_wall(words: str) -> None:
    assert find(words) == "a robot check"


def test_a_bare_login_form_is_a_wall() -> None:
    assert find("<form>Anmelden, um weiterzulesen <input name=u><input type='password'></form>") == "a login page"


TEXT = "<p>" + "The ferry line between the islands reopens on Monday, the harbour office said. " * 12 + "</p>"
BANNER = "<div>We use cookies. <button>Accept all</button> <form><input type=password></form> I am not a robot</div>"


def test_an_article_under_a_cookie_banner_with_a_login_form_is_no_wall() -> None:
    assert find(BANNER + TEXT) is None


@pytest.mark.parametrize(
    "mark", ['<meta property="og:type" content="article">', '<script>{"@type":"NewsArticle"}</script>']
)
def test_a_short_article_that_says_it_is_one_is_no_wall(mark: str) -> None:
    assert find(BANNER + "<p>The ferry line reopens.</p>", mark) is None


def test_a_small_home_page_under_a_cookie_banner_is_no_wall() -> None:
    assert find(BANNER + "".join(f'<a href="/{number}">Report {number}</a>' for number in range(8))) is None

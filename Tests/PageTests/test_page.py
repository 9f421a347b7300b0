# SPDX-License-Identifier: Apache-2.0
"""The bedside page in a real browser, from programming to stopping; each step leaves a picture.

The pictures are in out/page.
"""

import base64
import time

import pytest
from selenium import webdriver
from selenium.webdriver import ActionChains
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from simulated_pump import ROOT, alarms, brief

PICTURES = ROOT / "out" / "page"


@pytest.fixture(scope="module")
def browser():
    """Debian's own Chromium and its driver: nothing is fetched."""
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
                     "--window-size=1500,1400", "--autoplay-policy=no-user-gesture-required"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    yield driver
    driver.quit()


class Page:
    """What a person does and sees."""

    def __init__(self, browser, pump):
        self.browser = browser
        self.pump = pump
        browser.get(pump.page)
        self.until(lambda: browser.execute_script("return document.body.dataset.live") == "1")

    def until(self, condition, seconds=10, what="the page"):
        WebDriverWait(self.browser, seconds, poll_frequency=0.05).until(
            lambda _: condition(), message=f"waited for {what}; {brief(self.pump.state())}")

    def find(self, css):
        return self.browser.find_element(By.CSS_SELECTOR, css)

    def text(self, css):
        return self.browser.execute_script(
            "const e = document.querySelector(arguments[0]); return e ? e.textContent : null", css)

    def lit(self, id):
        return self.browser.execute_script(
            "return document.getElementById(arguments[0]).classList.contains('on')", id)

    def hold(self, key, seconds=0.3):
        """Holds a key of the front panel with the mouse."""
        button = self.find(f"[data-key={key}]")
        ActionChains(self.browser).click_and_hold(button).pause(seconds).release().perform()

    def program(self, **fields):
        for name, value in fields.items():
            field = self.find(f"#order [name={name}]")
            if field.tag_name == "select":
                Select(field).select_by_visible_text(value)
            else:
                field.clear()
                field.send_keys(value)
        self.do("program")

    def do(self, what):
        self.find(f"#order button[value={what}]").click()
        self.until(lambda: self.text("#answer").startswith(f"{what}: "), what=f"answer to {what}")
        assert self.text("#answer") == f"{what}: accepted"

    def knob(self, name, value):
        field = self.find(f".knob[data-name='{name}'] input")
        field.clear()
        field.send_keys(str(value), Keys.TAB)
        self.until(lambda: self.text("#answer").startswith(f"{name} = {value}"), what=name)

    def picture(self, name):
        """Keeps what is on the page now."""
        time.sleep(0.4)
        PICTURES.mkdir(parents=True, exist_ok=True)
        file = PICTURES / f"{name}.png"
        assert self.browser.save_screenshot(str(file))
        assert file.stat().st_size > 10_000

    def display(self):
        """The points of the display as the page draws them: 64 rows of 128."""
        return self.browser.execute_script("""
            const c = document.getElementById('display');
            const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
            const rows = [];
            for (let y = 0; y < 64; y++) {
              let row = '';
              for (let x = 0; x < 128; x++)
                row += d[((y * 4 + 1) * c.width + x * 4 + 1) * 4] > 96 ? 1 : 0;
              rows.push(row);
            }
            return rows;""")

    def errors(self):
        return [entry for entry in self.browser.get_log("browser")
                if entry["level"] == "SEVERE" and "favicon" not in entry["message"]]


def points(display):
    """The rows of a frame buffer: 8 pages of 128 columns, the lowest bit at the top."""
    data = base64.b64decode(display)
    return ["".join(str(data[(y >> 3) * 128 + x] >> (y & 7) & 1) for x in range(128))
            for y in range(64)]


@pytest.fixture
def page(start_pump, browser):
    pump = start_pump("none")
    pump.wait(lambda now: now["state"] == "standby" and now["gate"] == "open", 15, "standby")
    browser.get_log("browser")
    return Page(browser, pump)


def test_a_therapy_from_programming_to_stopping(page):
    pump = page.pump
    page.picture("1-standby")

    page.program(drug="Saline 0.9%", syringe="50", rate="300", vtbi="20")
    page.until(lambda: pump.state()["state"] == "programmed", what="programmed")
    page.picture("2-programmed")

    page.do("start")
    page.until(lambda: pump.state()["state"] == "awaitingConfirm", what="the read-back")
    page.picture("3-read-back")
    assert not pump.state()["motorPowered"]

    page.hold("confirm")
    page.until(lambda: pump.state()["state"] == "infusing", what="infusing")
    first = pump.state()
    page.until(lambda: pump.state()["delivered"] > first["delivered"] + 0.3, 20, "volume")
    page.until(lambda: page.text("#fact-rate") == "300 mL/h", what="the rate on the page")
    page.until(lambda: page.lit("lamp-green"), what="the green lamp")
    page.picture("4-infusing")

    page.knob("occlusion.downstream", 100)
    page.until(lambda: "occlusionDownstream" in alarms(pump.state()), 60, "the occlusion alarm")
    # Priority and cause stand in words; the lamp and the drawing come on top.
    page.until(lambda: (page.text("#alarms li") or "").startswith("HIGH: "), what="HIGH")
    page.until(lambda: page.lit("lamp-red"), 3, "the red lamp")
    page.until(lambda: page.lit("buzzer-a"), 8, "the mark of the buzzer")
    assert page.find("#clamp").is_displayed()
    assert pump.state()["state"] in ("relieving", "halted")
    page.picture("5-occluded")

    # With the keyboard: nobody needs a mouse.
    page.browser.execute_script("document.activeElement.blur()")
    ActionChains(page.browser).key_down("m").pause(0.3).key_up("m").perform()
    time.sleep(0.5)
    for now in pump.watch(7):
        assert not now["buzzerA"], brief(now)
    assert "occlusionDownstream" in alarms(pump.state())
    page.picture("6-silenced")

    page.knob("occlusion.downstream", 0)
    page.until(lambda: pump.state()["state"] == "halted", 20, "the end of the relief")
    time.sleep(1)
    page.do("clear")
    page.until(lambda: "occlusionDownstream" not in alarms(pump.state()), what="no alarm")
    page.until(lambda: "occluded" not in (page.text("#alarms") or "").lower(), what="an empty list")
    page.picture("7-cleared")

    page.do("start")
    page.hold("confirm")
    page.until(lambda: pump.state()["state"] == "infusing", what="infusing again")
    page.hold("stop")
    page.until(lambda: not pump.state()["motorPowered"], 3, "the motor to lose its power")
    assert pump.state()["commandedRate"] == 0
    page.until(lambda: "STOP key" in page.text("#events"), what="STOP in the history")
    # Newest first, and in the words of the panel.
    told = page.text("#events")
    order = ["STOP key", "CONFIRM key: 300 mL/h", "Alarm over: Line occluded",
             "Alarm: Line occluded"]
    places = [told.find(text) for text in order]
    assert -1 not in places and places == sorted(places), told
    page.picture("8-stopped")
    assert page.errors() == []


def test_requests_keep_their_order_though_the_first_is_slow(page):
    page.until(lambda: page.text(".knob") is not None, what="the knobs")
    page.browser.execute_script("""
        const real = window.fetch;
        let slow = { '/api/knob': true, '/api/key': true };
        window.fetch = async (path, ...rest) => {
          if (slow[path]) { slow[path] = false; await new Promise((go) => setTimeout(go, 700)); }
          return real(path, ...rest);
        };
        const knob = document.querySelector(".knob[data-name='occlusion.downstream'] input");
        for (const value of [40, 100]) { knob.value = value; knob.dispatchEvent(new Event('change')); }
        const key = document.querySelector('[data-key=stop]');
        for (const what of ['pointerdown', 'pointerup']) key.dispatchEvent(new Event(what));
        """)
    page.until(lambda: page.text("#answer").startswith("occlusion.downstream = 100"), what="the last answer")
    time.sleep(1)
    assert page.text("#answer").startswith("occlusion.downstream = 100")
    assert page.pump.state()["occlusion"] == 100
    # A key that came up before it went down would stay down: the pump would not start.
    page.program(drug="", syringe="50", rate="5", vtbi="10")
    page.do("start")
    page.hold("confirm")
    page.until(lambda: page.pump.state()["state"] == "infusing", what="infusing")


def test_RC_030_SYS_063_says_that_it_is_no_medical_device_and_simulated(page):
    warning = page.find("header .warning")
    assert warning.is_displayed()
    assert "Not a medical device" in warning.text and "simulation" in warning.text


def test_draws_the_display_point_by_point(page):
    def same():
        return page.display() == points(page.pump.state()["display"])

    page.until(same, what="the page's display to be the pump's")
    assert any("1" in row for row in page.display())


def test_offers_every_knob_with_unit_and_range(page):
    status, knobs = page.pump.ask("GET", "/api/knobs")
    assert status == 200 and len(knobs) > 40
    page.until(lambda: page.text(".knob") is not None, what="the knobs")
    shown = page.browser.execute_script("""
        return [...document.querySelectorAll('.knob')].map((k) => [k.dataset.name, k.textContent]);
        """)
    assert [name for name, _ in shown] == [knob["name"] for knob in knobs]
    for (name, text), knob in zip(shown, knobs):
        assert knob["unit"] in text and "…" in text and knob["summary"] in text, name


def test_filters_the_knobs(page):
    page.until(lambda: page.text(".knob") is not None, what="the knobs")
    page.find("#filter").send_keys("occlusion.down")
    visible = [knob.get_attribute("data-name") for knob in page.browser.find_elements(
        By.CSS_SELECTOR, ".knob") if knob.is_displayed()]
    assert "occlusion.downstream" in visible and "battery.charge" not in visible


def test_asks_nobody_but_the_pump(page):
    names = page.browser.execute_script(
        "return performance.getEntriesByType('resource').map((e) => e.name)")
    assert names and all(name.startswith(page.pump.page) for name in names)


def test_holds_a_key_while_space_is_down_and_lets_go(page):
    stop = page.find("[data-key=stop]")
    page.browser.execute_script("arguments[0].focus()", stop)
    ActionChains(page.browser).key_down(Keys.SPACE).perform()
    page.until(lambda: "down" in stop.get_attribute("class").split(), what="the key to be down")
    ActionChains(page.browser).key_up(Keys.SPACE).perform()
    page.until(lambda: "down" not in stop.get_attribute("class").split(), what="the key to be up")
    assert page.errors() == []


def test_says_why_an_order_is_refused(page):
    for name, value in {"rate": "5000", "vtbi": "10"}.items():
        field = page.find(f"#order [name={name}]")
        field.clear()
        field.send_keys(value)
    page.find("#order button[value=program]").click()
    page.until(lambda: "rateTooHigh" in page.text("#answer"), what="the reason")
    assert page.text("#answer").startswith("program: refused")
    assert page.pump.state()["state"] == "standby"


def test_says_when_the_simulator_is_gone(page):
    page.pump.stop()
    WebDriverWait(page.browser, 5).until(
        lambda _: "does not answer" in page.text("#answer"), "the page to say so")
    assert page.browser.execute_script("return document.body.dataset.live") == "0"

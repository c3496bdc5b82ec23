"""JUnit XML is what Ant's schema says, whatever a scenario is called and whatever became of the run."""

from datetime import UTC, datetime

import pytest
from lxml import etree

from command.eyes import Eyes
from command.runs.checks import Finding
from command.runs.junit import junit
from command.runs.verdict import Verdict
from tests.command.runs.conftest import Flown

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SCHEMA = etree.RelaxNG(etree.fromstring("""
<element name="testsuites" xmlns="http://relaxng.org/ns/structure/1.0"
    datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes"><zeroOrMore><element name="testsuite">
  <attribute name="name"><data type="token"><param name="minLength">1</param></data></attribute>
  <attribute name="package"><data type="token"/></attribute><attribute name="id"><data type="int"/></attribute>
  <attribute name="timestamp"><data type="dateTime">
    <param name="pattern">[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}</param></data></attribute>
  <attribute name="hostname"><data type="token"><param name="minLength">1</param></data></attribute>
  <attribute name="tests"><data type="int"/></attribute><attribute name="failures"><data type="int"/></attribute>
  <attribute name="errors"><data type="int"/></attribute>
  <optional><attribute name="skipped"><data type="int"/></attribute></optional>
  <attribute name="time"><data type="decimal"/></attribute>
  <element name="properties"><zeroOrMore><element name="property"><attribute name="name"/><attribute name="value"/>
    </element></zeroOrMore></element>
  <zeroOrMore><element name="testcase"><attribute name="name"><data type="token"/></attribute>
    <attribute name="classname"><data type="token"/></attribute>
    <attribute name="time"><data type="decimal"/></attribute>
    <optional><choice>
      <element name="error"><attribute name="message"/><attribute name="type"/><text/></element>
      <element name="failure"><attribute name="message"/><attribute name="type"/><text/></element>
    </choice></optional></element></zeroOrMore>
  <element name="system-out"><text/></element><element name="system-err"><text/></element>
</element></zeroOrMore></element>"""))
"""What the schema of Ant's JUnit task asks for (github.com/windyroad/JUnit-Schema), as Jenkins and GitLab read it."""


def written(*verdicts: Verdict) -> etree._Element:
    root = etree.fromstring(junit(verdicts, at=AT))
    SCHEMA.assertValid(root)
    return root


def test_a_run_of_the_tiny_search(sound: Flown) -> None:
    suite = written(sound.verdict)[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("5", "1", "0")
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert "people found: 0" in failure.get("message", "")
    assert sound.verdict.reproduce in (failure.text or "")
    properties = {one.get("name"): one.get("value") for one in suite.iter("property")}
    assert properties["state_hash"] == sound.verdict.state_hash
    assert properties["seed"] == "3"


@pytest.mark.parametrize("text", ["<&\">'", "水位\x00\x1b[31m", "\ud800", "a\r\nb", ""])
def test_any_text_is_valid_xml(text: str) -> None:
    finding = Finding(name=text, is_met=False, text=text, text_zh=text)
    verdict = Verdict(scenario=text or "x", seed=1, eyes=Eyes.MODEL, reproduce=text, findings=(finding,), fault=text)
    assert len(written(verdict, verdict)) == 2


def test_a_run_that_ended_early_is_an_error_not_a_failure() -> None:
    finding = Finding(name="found", is_met=None, text="not judged", text_zh="未评判")
    verdict = Verdict(scenario="x", seed=1, eyes=Eyes.MODEL, reproduce="y", findings=(finding,), fault="it broke")
    suite = written(verdict)[0]
    assert (suite.get("failures"), suite.get("errors")) == ("0", "1")
    assert suite.findtext("system-err") == "it broke"
    assert verdict.exit_code == 1

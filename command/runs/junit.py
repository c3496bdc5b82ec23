"""JUnit XML of judged runs: a suite a seed, a test case an expectation, as Ant's and Jenkins' schemas have it."""

import re
from collections.abc import Sequence
from datetime import datetime
from xml.etree import ElementTree as ET

from command.runs.checks import Finding
from command.runs.verdict import Verdict

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped (production 2, Char)."""


def junit(verdicts: Sequence[Verdict], *, at: datetime) -> bytes:
    """The document. `at`: when the runs were judged, UTC."""
    root = ET.Element("testsuites")
    for number, verdict in enumerate(verdicts):
        root.append(_suite(verdict, number, at))
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _suite(verdict: Verdict, number: int, at: datetime) -> ET.Element:
    failures = sum(one.is_met is False for one in verdict.findings)
    errors = sum(one.is_met is None for one in verdict.findings)
    suite = ET.Element("testsuite", {
        "name": f"{_text(verdict.scenario)}.seed-{verdict.seed}", "package": "taihang.sim", "id": str(number),
        "timestamp": at.strftime("%Y-%m-%dT%H:%M:%S"), "hostname": "localhost", "tests": str(len(verdict.findings)),
        "failures": str(failures), "errors": str(errors), "skipped": "0", "time": f"{verdict.wall_s:.1f}",
    })
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(verdict):
        ET.SubElement(properties, "property", {"name": name, "value": _text(value)})
    for finding in verdict.findings:
        suite.append(_case(finding, verdict))
    ET.SubElement(suite, "system-out").text = _text("\n".join(f"{one.text} {one.text_zh}" for one in verdict.findings))
    ET.SubElement(suite, "system-err").text = _text(verdict.fault or "")
    return suite


def _properties(verdict: Verdict) -> list[tuple[str, str]]:
    return [
        ("seed", str(verdict.seed)),
        ("eyes", verdict.eyes),
        ("digest", verdict.digest),
        ("state_hash", verdict.state_hash or ""),
        ("reproduce", verdict.reproduce),
        ("report", verdict.report),
        ("simulated_s", f"{verdict.simulated_s:g}"),
    ]


def _case(finding: Finding, verdict: Verdict) -> ET.Element:
    """The run took its time as a whole: the first case has none of it alone, the suite says how long."""
    case = ET.Element("testcase", {
        "name": _text(finding.name), "classname": f"{_text(verdict.scenario)}.seed-{verdict.seed}", "time": "0",
    })
    if finding.is_met:
        return case
    kind, of = ("failure", "ExpectationMissed") if finding.is_met is False else ("error", "RunEndedEarly")
    told = ET.SubElement(case, kind, {"message": _text(finding.text), "type": of})
    told.text = _text(f"{finding.text}\n{finding.text_zh}\nreproduce: {verdict.reproduce}\n")
    return case


def _text(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)

"""The report that people read: one HTML file that needs nothing else, in Chinese and English."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from contextlib import closing
from html import escape
from pathlib import Path
from typing import Final

import msgspec

from command.eyes import LABEL
from command.report import track
from command.report.write import draw
from command.runs.asking import settled
from command.runs.checks import Finding
from command.runs.quantities import draw_quantities
from command.runs.verdict import Asked, Verdict
from command.store.record import Record
from command.views.timeline import Timeline
from fleet.model import Alarm
from missions.model import Approval, Find, Order, Plan, SearchIntent
from perception.model import Contact

FILE = "index.html"
_MOST_EVENTS: Final = 1000
_STYLE: Final = """
body{font:15px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;max-width:1080px;margin:2em auto;padding:0 1em;color:#1b1f24}
table{border-collapse:collapse;width:100%;margin:.6em 0 1.6em}td,th{border-bottom:1px solid #d7dbe0;padding:.3em .6em;
text-align:left;vertical-align:top}img{max-width:100%}code{background:#eef1f4;padding:.15em .4em;border-radius:4px}
.met{color:#126b32}.missed{color:#a40e26;font-weight:600}.unknown{color:#8a5a00}h1 small{color:#59636e;font-size:60%}
"""
_KINDS_ZH: Final = {
    "intent": "任务意图", "plan": "计划", "approval": "批准", "order": "命令", "alarm": "告警",
    "alarm_over": "告警解除", "find": "找到", "contact_candidate": "疑似目标", "contact_confirmed": "确认目标",
    "contact_rejected": "排除目标",
}
_FIGURES_ZH: Final = {
    "subjects": "失踪人数", "found": "找到人数", "false_finds": "误报", "position_error_m": "平均定位误差（米）",
    "position_error_max_m": "最大定位误差（米）", "area_searched_km2": "已搜索面积（平方千米）", "cells": "网格数",
    "cells_done": "完成网格", "makespan_s": "总时长（秒）", "makespan_plan_s": "计划时长（秒）",
    "makespan_bound_s": "理论下界（秒）", "min_separation_m": "最近距离（米）", "replans": "重新规划",
    "lost": "损失载具", "landed": "已返回", "frames_detected": "已检图像", "phase": "任务状态",
}
_WORDS: Final = {
    True: ("met", "holds", "达成"), False: ("missed", "MISSED", "未达成"), None: ("unknown", "not judged", "未评判"),
}


def write_page(folder: Path, asked: Asked, verdict: Verdict) -> Path:
    """index.html, and its pictures beside it. A run that ended early has its table only."""
    asked, scenario, _ = settled(asked)
    title = " · ".join(dict.fromkeys(reversed(scenario.titles)))
    parts = [_head(title, verdict), _expectations(verdict.findings)]
    if verdict.outcome is not None:
        pictures = draw(folder, scenario.frame())
        parts.append(_picture("Map", "地图", pictures[0].read_bytes()))
        parts.append(_events(folder, scenario.starts_utc_ns))
        seconds = track.read(folder)
        parts.append(_picture("What truly happened, second by second", "逐秒真实状态", draw_quantities(seconds)))
        parts.append(_picture("As the vehicles reported", "载具上报", pictures[1].read_bytes()))
        parts.append(_figures(verdict))
    return _write(folder / FILE, f"{title}, seed {verdict.seed}", parts)


def write_index(report: Path, verdicts: Sequence[Verdict]) -> Path:
    """Of several seeds: a row each, with a link to its page."""
    rows = [
        _row([
            f'<a href="seed-{one.seed}/{FILE}">{one.seed}</a>', _verdict(is_met=one.is_met),
            "<br>".join(_both(found.text, found.text_zh) for found in one.findings if not found.is_met),
            f"{one.simulated_s:.0f}", f"{one.wall_s:.1f}", f"<code>{escape(one.state_hash or '')[:16]}</code>",
        ])
        for one in sorted(verdicts, key=lambda one: one.seed)
    ]
    met = sum(one.is_met for one in verdicts)
    name = verdicts[0].scenario if verdicts else ""
    head = f"<h1>{escape(name)} <small>{met} / {len(verdicts)} 达成 met</small></h1>"
    names = ("种子 seed", "结论 verdict", "未达成 missed", "模拟秒 simulated s", "实际秒 wall s", "状态哈希 state hash")
    return _write(report / FILE, name, [head, _table(names, rows)])


def _write(path: Path, title: str, parts: Iterable[str]) -> Path:
    """Whole or not at all."""
    meta = '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
    head = f"<head>{meta}<title>{escape(title)}</title><style>{_STYLE}</style></head>"
    temporary = path.with_name(path.name + ".new")
    body = "<body>\n" + "\n".join(parts) + "\n</body>"
    temporary.write_text(f'<!doctype html>\n<html lang="zh-CN">{head}{body}</html>\n', encoding="utf-8")
    temporary.replace(path)
    return path


def _head(title: str, verdict: Verdict) -> str:
    what = f"{LABEL[verdict.eyes]}; {verdict.simulated_s:.0f} simulated s in {verdict.wall_s:.1f} s"
    fault = f'<p class="missed">运行提前中断 ended early: {escape(verdict.fault)}</p>' if verdict.fault else ""
    state = f"<p>状态哈希 state hash: <code>{escape(verdict.state_hash)}</code></p>" if verdict.state_hash else ""
    return (
        f"<h1>{escape(title)} <small>seed {verdict.seed}</small> {_verdict(is_met=verdict.is_met)}</h1>{fault}"
        f"<p>{escape(what)}</p><p>复现 reproduce: <code>{escape(verdict.reproduce)}</code></p>{state}"
    )


def _verdict(*, is_met: bool | None) -> str:
    style, word, word_zh = _WORDS[is_met]
    return f'<span class="{style}">{word_zh} {word}</span>'


def _expectations(findings: Iterable[Finding]) -> str:
    rows = [_row([_verdict(is_met=one.is_met), escape(one.name), _both(one.text, one.text_zh)]) for one in findings]
    return "<h2>要求 Expectations</h2>" + _table(("", "要求 expectation", "结果 found"), rows)


def _events(folder: Path, starts_utc_ns: int) -> str:
    """What people would tell each other, from the record."""
    timeline = Timeline(kept=_MOST_EVENTS)
    with closing(Record(folder / "events.db", read_only=True)) as record:
        for event in record.events():
            match value := event.value():
                case SearchIntent():
                    timeline.intent(value, event.at)
                case Plan():
                    timeline.plan(value, event.at)
                case Approval():
                    timeline.approval(value)
                case Order():
                    timeline.order(value)
                case Contact():
                    timeline.contact(value)
                case Find():
                    timeline.find(value)
                case Alarm():
                    timeline.alarm(value)
                case _:
                    pass
    columns = timeline.columns()
    rows = []
    for at_ms, kind, subject, text, text_zh in zip(
        *(columns[name] for name in ("utc_ms", "kind", "subject", "text", "text_zh")), strict=True
    ):
        t_s = float(str(at_ms)) / 1e3 - starts_utc_ns / 1e9
        word = f"{_KINDS_ZH.get(str(kind), '')} {str(kind).replace('_', ' ')}"
        rows.append(_row([f"{t_s:.1f}", escape(word), escape(str(subject)), _both(str(text), str(text_zh))]))
    return "<h2>时间线 Timeline</h2>" + _table(("秒 s", "事件 event", "对象 subject", ""), rows)


def _figures(verdict: Verdict) -> str:
    rows = []
    for name, value in msgspec.to_builtins(verdict.outcome).items():
        if name in _FIGURES_ZH:
            said = ", ".join(value) if isinstance(value, list | tuple) else "–" if value is None else str(value)
            rows.append(_row([f"{_FIGURES_ZH[name]} {escape(name)}", escape(said)]))
    return "<h2>数据 Figures</h2>" + _table(("", ""), rows)


def _picture(title: str, title_zh: str, png: bytes) -> str:
    data = b64encode(png).decode()
    return f'<h2>{title_zh} {title}</h2><img alt="{title}" src="data:image/png;base64,{data}">'


def _both(text: str, text_zh: str) -> str:
    return "<br>".join(escape(one) for one in (text_zh, text) if one)


def _row(cells: Iterable[str]) -> str:
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _table(names: Iterable[str], rows: Iterable[str]) -> str:
    head = "".join(f"<th>{name}</th>" for name in names)
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>"

"""What judges the guard's tests is judged itself: which changes are made, whose verdicts hold, who notices."""

import json
import subprocess
import sys
from pathlib import Path

from body_mutants import of_file
from mutant import Mutant, Verdict
from mutant_journal import Journal
from table_mutants import called_outside_functions, table_mutants

SCRIPTS = Path(__file__).parent.parent / "scripts"
SHOP = '''"""Wares."""
MOST = 3
FREE = {"tea": for_verbs("buy", "take"), "salt": lambda ware: ware, **dict.fromkeys(("rice", "oil"), 2)}
ROWS = ((r"A|B(x|y)", 0.5), ("plain", True))


def for_verbs(*verbs: str, is_loud: bool = False) -> str:
    return helper(verbs[0])


def helper(verb: str) -> str:
    return verb


class Till:
    is_open: bool = True

    def count(self) -> int:
        """No table."""
        return 7
'''


def mutant(text: str, file: str = "shop.py") -> Mutant:
    return Mutant(file=file, line=1, was="1", becomes="2", text=text)


def test_tables_are_changed_in_every_way_that_a_guard_could_be_wrong() -> None:
    made = table_mutants("shop.py", SHOP)
    for each in made:
        compile(each.text, "shop.py", "exec")
        assert each.text != SHOP
    changes = {(each.was, each.becomes) for each in made}
    assert {
        ("3", "4"), ("3", "2"), ("2", "3"), ("0.5", "0.55"), ("0.5", "0.45"), ("0.5", "None"), ("True", "False"),
        ('"tea": for_verbs("buy", "take")', ""), ('for_verbs("buy", "take")', "lambda *_: None"), ('"buy"', ""),
        ("lambda ware: ware", "lambda *_: True"), ('"rice"', ""), ('(r"A|B(x|y)", 0.5)', ""),
        ('r"A|B(x|y)"', 'r"A"'), ('r"A|B(x|y)"', 'r"B(x|y)"'),
    } <= changes
    assert not any("7" in each.was or "loud" in each.was for each in made), "bodies are mutmut's"
    assert len({each.key for each in made}) == len(made)


def test_what_runs_at_import_is_known_with_all_it_calls() -> None:
    assert called_outside_functions([SHOP]) == {"for_verbs", "helper"}
    lazy = "RULE = lambda: helper()\n\n\ndef helper() -> None: ...\n"
    assert called_outside_functions([lazy]) == frozenset()


def test_a_changed_function_is_put_where_the_first_one_stood() -> None:
    mutated = '''
def x_helper__mutmut_1(verb: str) -> str:
    return None
class Till:
    def xǁTillǁcount__mutmut_2(self) -> int:
        """No table."""
        return 8
'''
    names = ["shop.x_helper__mutmut_1", "shop.xǁTillǁcount__mutmut_2"]
    first, second = of_file("shop.py", SHOP, mutated, names)
    assert first.mutant.text == SHOP.replace("    return verb\n", "    return None\n")
    assert (first.function, first.mutant.line, first.mutant.was, first.mutant.becomes) == (
        "helper", 12, "return verb", "return None"
    )
    assert second.mutant.text == SHOP.replace("return 7", "return 8")
    assert second.mutant.key != first.mutant.key
    (same,) = of_file("shop.py", SHOP.replace("MOST = 3", "MOST = 4"), mutated, names[:1])
    assert same.mutant.key == first.mutant.key, "its function is as it was"


def test_a_verdict_holds_for_what_it_was_given_and_a_kill_beyond(tmp_path: Path) -> None:
    path, killed, survived, slow = tmp_path / "deep" / "journal.jsonl", *(mutant(text) for text in "kst")
    Journal(path=path, by="then").note([
        (killed, Verdict.KILLED), (survived, Verdict.SURVIVED), (slow, Verdict.TIMED_OUT)
    ])
    same = Journal(path=path, by="then")
    assert [same.verdict(each) for each in (killed, survived, slow)] == ["killed", "survived", "timed out"]
    assert not same.is_earlier(killed)
    later = Journal(path=path, by="now")
    assert [later.verdict(each) for each in (killed, survived, slow)] == ["killed", None, "timed out"]
    assert later.is_earlier(killed)
    assert later.verdict(mutant("other text")) is None
    assert later.verdict(mutant("k", "other.py")) is None
    strict = Journal(path=path, by="now", is_strict=True)
    assert [strict.verdict(each) for each in (killed, survived, slow)] == [None] * 3
    later.note([(killed, Verdict.SURVIVED)])
    assert Journal(path=path, by="now").verdict(killed) is Verdict.SURVIVED
    assert Journal(path=path, by="then").verdict(killed) is Verdict.KILLED, "each by its own tests"


def test_a_journal_that_was_cut_off_loses_its_last_line_only(tmp_path: Path) -> None:
    path, first, second, third = tmp_path / "journal.jsonl", *(mutant(text) for text in "abc")
    Journal(path=path, by="now").note([(first, Verdict.KILLED), (second, Verdict.KILLED)])
    path.write_text(path.read_text()[:-9])
    cut = Journal(path=path, by="now")
    assert [cut.verdict(each) for each in (first, second)] == ["killed", None]
    cut.note([(third, Verdict.SURVIVED)])
    again = Journal(path=path, by="now")
    assert [again.verdict(each) for each in (first, second, third)] == ["killed", None, "survived"]


JUDGED = '''
import json, sys
from pathlib import Path
from mutant import Mutant
from mutant_judge import judged
tree = Path(sys.argv[1])
plain = (tree / "shop" / "till.py").read_text()
changed = [plain.replace("3", "4"), plain.replace("7", "8"), plain.replace("MOST", "LEAST"), plain + "\\n1 / 0"]
due = [Mutant(file="shop/till.py", line=1, was=str(k), becomes="", text=text) for k, text in enumerate(changed)]
tests = ["probes/test_till.py", "probes/test_more.py"]
verdicts = {mutant.was: verdict for mutant, verdict in judged(due, [tree], tests, ("shop", "probes"), "shop")}
print(json.dumps([verdicts[str(k)] for k in range(len(due))]))
print(json.dumps((tree / "shop" / "till.py").read_text() == plain))
'''


def test_a_mutant_dies_by_any_test_and_lives_by_none(tmp_path: Path) -> None:
    for name, text in {
        "shop/__init__.py": "", "probes/__init__.py": "", "shop/till.py": "MOST = 3\nUNSEEN = 7\n",
        "probes/test_till.py": "from shop.till import MOST\ndef test_most() -> None:\n    assert MOST > 0\n",
        "probes/test_more.py": "from shop import till\ndef test_three() -> None:\n    assert till.MOST == 3\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    ran = subprocess.run(
        [sys.executable, "-c", JUDGED, str(tmp_path)], env={"PYTHONPATH": str(SCRIPTS)}, capture_output=True,
        text=True, check=True,
    )
    verdicts, is_as_before = map(json.loads, ran.stdout.splitlines())
    assert verdicts == ["killed", "survived", "killed", "killed"]
    assert is_as_before

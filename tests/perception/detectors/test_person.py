"""What the network sees speaks for the warm body nearest to it, and parts of one body are one person."""

import numpy as np

from perception.detectors.person import people_in
from perception.detectors.picture import Picture
from perception.model import Box

GSD_M = 0.06
PICTURE = Picture(bgr=np.zeros((512, 640, 3), np.uint8), gsd_top_m=GSD_M, gsd_bottom_m=GSD_M)


def box(middle_x: float, middle_y: float, width: float = 9.0, height: float = 22.0, *, score: float = 0.6) -> Box:
    return Box(
        left_px=middle_x - width / 2,
        top_px=middle_y - height / 2,
        right_px=middle_x + width / 2,
        bottom_px=middle_y + height / 2,
        score=score,
    )


def people(warm: list[Box], seen: list[Box]) -> list[tuple[int, int]]:
    found = people_in(warm, seen, PICTURE, min_score=0.5)
    return [(round((one.left_px + one.right_px) / 2), round((one.top_px + one.bottom_px) / 2)) for one in found]


def test_a_warm_stone_beside_a_person_is_nobody() -> None:
    person, stone = box(300.0, 200.0), box(312.0, 192.0, 8.0, 6.0)
    assert people([person, stone], [box(301.0, 200.0, 16.0, 30.0)]) == [(300, 200)]
    assert people([stone, person], [box(301.0, 200.0, 16.0, 30.0), box(303.0, 201.0, 15.0, 29.0)]) == [(300, 200)]


def test_two_people_side_by_side_are_two() -> None:
    pair = [box(300.0, 200.0), box(318.0, 200.0)]
    assert sorted(people(pair, [box(301.0, 200.0), box(317.0, 201.0)])) == [(300, 200), (318, 200)]


def test_legs_cut_off_by_a_branch_belong_to_the_body() -> None:
    body, legs = box(300.0, 194.0, 9.0, 10.0), box(301.0, 206.0, 8.0, 8.0)
    (found,) = people_in([body, legs], [box(300.0, 199.0, 14.0, 26.0)], PICTURE, min_score=0.5)
    assert found.top_px <= body.top_px
    assert found.bottom_px >= legs.bottom_px


def test_what_the_network_does_not_see_is_nobody() -> None:
    assert people([box(300.0, 200.0)], []) == []
    assert people([box(300.0, 200.0)], [box(340.0, 200.0)]) == []
    assert people([box(300.0, 200.0)], [box(300.0, 200.0, score=0.1)]) == []

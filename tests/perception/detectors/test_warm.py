"""The thermal cue passes bodies of a person's size and nothing else."""

import numpy as np

from perception.detectors.picture import Picture
from perception.detectors.warm import warm_blobs

GROUND, BODY, FIRE = 90, 145, 255
GSD_M = 0.06


def picture(*patches: tuple[int, int, int, int, int], seed: int = 1) -> Picture:
    """Noisy ground with patches (left, top, width, height, value)."""
    noise = np.random.Generator(np.random.Philox(seed)).normal(GROUND, 1.5, (512, 640))
    for left, top, width, height, value in patches:
        noise[top : top + height, left : left + width] = value
    thermal = np.clip(noise, 0, 255).astype(np.uint8)
    return Picture(bgr=np.zeros((512, 640, 3), np.uint8), thermal=thermal, gsd_top_m=GSD_M, gsd_bottom_m=GSD_M)


def test_a_standing_person_is_found_where_it_stands() -> None:
    (box,) = warm_blobs(picture((300, 200, 9, 22, BODY)))
    assert abs(box.left_px - 300) <= 2
    assert abs(box.bottom_px - 222) <= 2


def test_fire_noise_and_trunks_are_no_people() -> None:
    assert warm_blobs(picture((100, 100, 200, 150, FIRE))) == ()
    assert warm_blobs(picture()) == ()
    assert warm_blobs(picture((400, 100, 6, 40, GROUND + 10))) == ()
    assert warm_blobs(picture((50, 50, 1, 1, BODY))) == ()


def test_size_is_judged_on_the_ground_not_in_pixels() -> None:
    near = picture((300, 200, 60, 140, BODY))
    assert warm_blobs(near) == ()
    close = Picture(bgr=near.bgr, thermal=near.thermal, gsd_top_m=0.01, gsd_bottom_m=0.01)
    assert len(warm_blobs(close)) == 1


def test_without_thermal_or_scale_there_is_no_cue() -> None:
    bgr = np.zeros((512, 640, 3), np.uint8)
    assert warm_blobs(Picture(bgr=bgr, gsd_top_m=GSD_M, gsd_bottom_m=GSD_M)) == ()
    assert warm_blobs(Picture(bgr=bgr, thermal=np.full((512, 640), 90, np.uint8))) == ()


def test_a_body_cut_by_the_edge_waits_for_the_next_picture() -> None:
    assert warm_blobs(picture((300, 495, 9, 17, BODY))) == ()
    assert warm_blobs(picture((0, 200, 6, 20, BODY))) == ()

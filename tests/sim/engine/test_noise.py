"""Random numbers belong to a vehicle and a sensor: more vehicles or another order of asking change nothing."""

import numpy as np

from sim.engine.noise import GaussMarkov, NoiseBank, Sensor, stream


def test_a_vehicles_numbers_do_not_depend_on_the_fleet() -> None:
    few, many = NoiseBank(7, 2, Sensor.WIND, 3), NoiseBank(7, 50, Sensor.WIND, 3)
    for _ in range(130):
        np.testing.assert_array_equal(few.draw(), many.draw()[:2])


def test_streams_differ_by_seed_vehicle_and_sensor() -> None:
    keys = [(1, 0, Sensor.WIND), (2, 0, Sensor.WIND), (1, 1, Sensor.WIND), (1, 0, Sensor.POSITION)]
    firsts = {float(stream(*key).random()) for key in keys}
    assert len(firsts) == len(keys)


def test_gauss_markov_keeps_its_sigma_and_its_correlation_time() -> None:
    count = 4000
    process = GaussMarkov(NoiseBank(3, count, Sensor.POSITION, 1), np.full((count, 1), 0.8), 10.0, 0.1)
    begin = process.value.copy()
    for _ in range(100):
        process.advance()
    assert abs(process.value.std() - 0.8) < 0.03
    correlation = np.corrcoef(begin[:, 0], process.value[:, 0])[0, 1]
    assert abs(correlation - np.exp(-1)) < 0.05

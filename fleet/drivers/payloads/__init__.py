"""What vehicles carry: one folder of values, state and control each; `registry` has them all."""

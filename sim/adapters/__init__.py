"""Others' minds and worlds: real autopilots steer our bodies, Gazebo moves and senses for our autopilots."""

// The bytes between Gazebo and Taihang, version 1: packed, little-endian. Twin of sim/adapters/gazebo/wire.py.
#pragma once
#include <cstdint>

namespace taihang {
constexpr std::uint32_t kLinkMagic = 0x4C5A4754;   // "TGZL"
constexpr std::uint32_t kImageMagic = 0x495A4754;  // "TGZI"
constexpr std::uint16_t kVersion = 1;
constexpr std::uint16_t kState = 1;    // Gazebo -> Taihang: a Header and `count` States, one datagram a step
constexpr std::uint16_t kCommand = 2;  // Taihang -> Gazebo: a Header with the same seq and `count` Commands
constexpr std::uint16_t kRgb8 = 1;
constexpr std::size_t kMostVehicles = 500;

#pragma pack(push, 1)
struct Header {
  std::uint32_t magic;
  std::uint16_t version, kind;
  std::uint64_t seq;
  std::int64_t t_ns;  // simulated time of the state
  std::uint32_t count, spare;
};
struct State {
  double position_m[3];    // of the model's origin, ENU
  double attitude[4];      // w x y z, body FLU -> ENU
  double velocity_m_s[3];  // of the centre of mass, ENU
  double rate_rad_s[3];    // body FLU
  std::uint32_t touches;   // contacts of its body in the last step
  std::uint32_t spare;
};
struct Command {
  double force_n[3];   // body FLU, at the centre of mass: what its motors do
  double torque_nm[3];  // body FLU
  double push_n[3];    // ENU, at the centre of mass: what the air does
};
struct Image {  // over TCP, before the pixels
  std::uint32_t magic;
  std::uint16_t version, format;
  std::uint32_t camera, width, height, bytes;
  std::int64_t t_ns;
  double position_m[3];  // of the lens when the picture was drawn, ENU
  double attitude[4];    // w x y z, lens (x ahead, y left, z up) -> ENU
};
#pragma pack(pop)
static_assert(sizeof(Header) == 32 && sizeof(State) == 112 && sizeof(Command) == 72 && sizeof(Image) == 88, "packed");
}  // namespace taihang

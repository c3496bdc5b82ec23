// Gazebo 11 world plugin: swaps one UDP datagram a step with Taihang in lockstep and sends camera pictures over TCP.
// Gazebo waits in every step until its state is answered; Taihang's autopilots say forces, Gazebo moves and senses.
#include <arpa/inet.h>
#include <atomic>
#include <csignal>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <unordered_map>
#include <vector>

#include <gazebo/gazebo.hh>
#include <gazebo/physics/physics.hh>
#include <gazebo/rendering/Camera.hh>
#include <gazebo/sensors/sensors.hh>

#include "wire.h"

namespace gazebo {
using ignition::math::Pose3d;
using ignition::math::Quaterniond;
using ignition::math::Vector3d;

class TaihangLink : public WorldPlugin {
 public:
  ~TaihangLink() override {
    is_over_ = true;
    if (waiter_.joinable()) waiter_.join();
    connections_.clear();
    if (link_ >= 0) close(link_);
    if (images_ >= 0) close(images_);
  }

  void Load(physics::WorldPtr world, sdf::ElementPtr sdf) override {
    world_ = world;
    world_->Physics()->GetContactManager()->SetNeverDropContacts(true);
    for (auto e = Child(sdf, "vehicle"); e; e = e->GetNextElement("vehicle")) names_.push_back(e->Get<std::string>());
    for (auto e = Child(sdf, "camera"); e; e = e->GetNextElement("camera"))
      gimbals_.push_back({e->Get<std::string>("model"), e->Get<std::string>("vehicle"), e->Get<Vector3d>("lens"),
                          e->Get<double>("down_rad"), nullptr, nullptr});
    link_ = Connect(SOCK_DGRAM, sdf->Get<int>("port"));
    const int timeout_ms = sdf->Get<int>("timeout_ms", 10000).first;
    const timeval wait{timeout_ms / 1000, (timeout_ms % 1000) * 1000};
    setsockopt(link_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    if (const int port = sdf->Get<int>("image_port", 0).first) {
      images_ = Connect(SOCK_STREAM, port);
      const int one = 1;
      setsockopt(images_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    }
    connections_.push_back(
        event::Events::ConnectWorldUpdateBegin([this](const common::UpdateInfo &info) { Step(info.simTime); }));
    if (images_ >= 0) waiter_ = std::thread([this] { AwaitCameras(); });
  }

 private:
  struct Gimbal {
    std::string model_name, vehicle_name;
    Vector3d lens;
    double down_rad;
    physics::ModelPtr model, vehicle;
  };

  static sdf::ElementPtr Child(const sdf::ElementPtr &sdf, const std::string &name) {
    return sdf->HasElement(name) ? sdf->GetElement(name) : nullptr;
  }

  static int Connect(int kind, int port) {
    const int fd = socket(AF_INET, kind, 0);
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(static_cast<std::uint16_t>(port));
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, reinterpret_cast<sockaddr *>(&peer), sizeof peer) == 0) return fd;
    gzerr << "taihang_link: nobody listens on port " << port << "\n";
    close(fd);
    return -1;
  }

  void Step(const common::Time &now) {
    if (is_over_ || !FindBodies()) return;
    for (auto &gimbal : gimbals_) Hold(gimbal);
    CountTouches();
    Tell(std::int64_t(now.sec) * 1000000000 + now.nsec);
    if (!Listen()) return;
    for (std::size_t k = 0; k < bodies_.size(); ++k) {
      const auto &c = commands_[k];
      bodies_[k]->AddRelativeForce({c.force_n[0], c.force_n[1], c.force_n[2]});
      bodies_[k]->AddRelativeTorque({c.torque_nm[0], c.torque_nm[1], c.torque_nm[2]});
      bodies_[k]->AddForce({c.push_n[0], c.push_n[1], c.push_n[2]});
    }
  }

  // Models come one by one while a world loads; the lockstep begins when all are there.
  bool FindBodies() {
    if (!bodies_.empty()) return true;
    std::vector<physics::LinkPtr> found;
    for (const auto &name : names_) {
      const auto model = world_->ModelByName(name);
      if (!model) return false;
      found.push_back(model->GetLink("base_link"));
      row_[found.back().get()] = found.size() - 1;
    }
    for (auto &gimbal : gimbals_) {
      gimbal.model = world_->ModelByName(gimbal.model_name);
      gimbal.vehicle = world_->ModelByName(gimbal.vehicle_name);
      if (!gimbal.model || !gimbal.vehicle) return false;
    }
    bodies_ = found;
    commands_.assign(bodies_.size(), taihang::Command{});
    touches_.assign(bodies_.size(), 0);
    return true;
  }

  // A stabilised mount: turns with its vehicle, level in roll and pitch.
  void Hold(Gimbal &gimbal) {
    const auto at = gimbal.vehicle->WorldPose();
    const Quaterniond yaw(0, 0, at.Rot().Yaw());
    gimbal.model->SetWorldPose(Pose3d(at.Pos() + yaw.RotateVector(gimbal.lens), yaw * Quaterniond(0, gimbal.down_rad, 0)));
  }

  void CountTouches() {
    std::fill(touches_.begin(), touches_.end(), 0u);
    const auto *manager = world_->Physics()->GetContactManager();
    const auto &contacts = manager->GetContacts();
    for (unsigned k = 0; k < manager->GetContactCount(); ++k)
      for (const auto *collision : {contacts[k]->collision1, contacts[k]->collision2}) {
        const auto found = collision ? row_.find(collision->GetLink().get()) : row_.end();
        if (found != row_.end()) ++touches_[found->second];
      }
  }

  void Tell(std::int64_t t_ns) {
    const taihang::Header header{taihang::kLinkMagic, taihang::kVersion, taihang::kState,
                                 ++seq_, t_ns, std::uint32_t(bodies_.size()), 0};
    out_.resize(sizeof header + bodies_.size() * sizeof(taihang::State));
    std::memcpy(out_.data(), &header, sizeof header);
    auto *state = reinterpret_cast<taihang::State *>(out_.data() + sizeof header);
    for (std::size_t k = 0; k < bodies_.size(); ++k) {
      const auto at = bodies_[k]->WorldPose();
      const auto v = bodies_[k]->WorldCoGLinearVel();
      const auto w = bodies_[k]->RelativeAngularVel();
      const auto &q = at.Rot();
      state[k] = {{at.Pos().X(), at.Pos().Y(), at.Pos().Z()}, {q.W(), q.X(), q.Y(), q.Z()}, {v.X(), v.Y(), v.Z()},
                  {w.X(), w.Y(), w.Z()}, touches_[k], 0};
    }
    send(link_, out_.data(), out_.size(), MSG_NOSIGNAL);
  }

  // The answer to this very state; anything else is dropped. Without one in time the simulation ends.
  bool Listen() {
    in_.resize(sizeof(taihang::Header) + taihang::kMostVehicles * sizeof(taihang::Command));
    for (;;) {
      const ssize_t got = recv(link_, in_.data(), in_.size(), 0);
      if (got < 0) {
        if (errno == EINTR) continue;
        gzmsg << "taihang_link: no answer at step " << seq_ << ", ending\n";
        is_over_ = true;
        kill(getpid(), SIGINT);
        return false;
      }
      taihang::Header header;
      if (got < ssize_t(sizeof header)) continue;
      std::memcpy(&header, in_.data(), sizeof header);
      const auto bytes = commands_.size() * sizeof(taihang::Command);
      if (header.magic != taihang::kLinkMagic || header.version != taihang::kVersion ||
          header.kind != taihang::kCommand || header.seq != seq_ || header.count != commands_.size() ||
          std::size_t(got) != sizeof header + bytes)
        continue;
      std::memcpy(commands_.data(), in_.data() + sizeof header, bytes);
      return true;
    }
  }

  // The server starts paused when there are cameras: they come up in their own time, and what they see must not depend
  // on how long that takes. Runs in a thread of its own, because the scene they wait for comes from the world's.
  void AwaitCameras() {
    while (!is_over_ && cameras_.size() < gimbals_.size()) {
      if (sensors::SensorManager::Instance()->SensorsInitialized()) FindCameras();
      usleep(5000);
    }
    world_->SetPaused(false);
  }

  void FindCameras() {
    for (const auto &sensor : sensors::SensorManager::Instance()->GetSensors()) {
      const auto camera = std::dynamic_pointer_cast<sensors::CameraSensor>(sensor);
      if (!camera || !camera->Camera() || !camera->Camera()->Initialized() || cameras_.count(camera->ScopedName())) continue;
      const auto number = NumberOf(camera->ScopedName());
      cameras_[camera->ScopedName()] = number;
      camera->SetActive(true);
      connections_.push_back(camera->Camera()->ConnectNewImageFrame(
          [this, number, camera](const unsigned char *pixels, unsigned width, unsigned height, unsigned depth,
                                 const std::string &) {
            if (depth == 3) Show(number, *camera, pixels, width, height);
          }));
    }
  }

  std::uint32_t NumberOf(const std::string &scoped_name) const {
    for (std::size_t k = 0; k < gimbals_.size(); ++k)
      if (scoped_name.find("::" + gimbals_[k].model_name + "::") != std::string::npos) return std::uint32_t(k);
    return UINT32_MAX;
  }

  void Show(std::uint32_t number, sensors::CameraSensor &camera, const unsigned char *pixels, unsigned width,
            unsigned height) {
    const auto at = camera.Camera()->WorldPose();
    const auto time = camera.LastMeasurementTime();
    const taihang::Image image{taihang::kImageMagic, taihang::kVersion, taihang::kRgb8, number, width, height,
                               width * height * 3, std::int64_t(time.sec) * 1000000000 + time.nsec,
                               {at.Pos().X(), at.Pos().Y(), at.Pos().Z()},
                               {at.Rot().W(), at.Rot().X(), at.Rot().Y(), at.Rot().Z()}};
    std::lock_guard<std::mutex> lock(image_mutex_);
    if (images_ >= 0 && !(SendAll(&image, sizeof image) && SendAll(pixels, image.bytes))) {
      close(images_);
      images_ = -1;
    }
  }

  bool SendAll(const void *data, std::size_t size) {
    const auto *at = static_cast<const char *>(data);
    while (size > 0) {
      const ssize_t sent = send(images_, at, size, MSG_NOSIGNAL);
      if (sent <= 0) return false;
      at += sent;
      size -= std::size_t(sent);
    }
    return true;
  }

  physics::WorldPtr world_;
  std::vector<std::string> names_;
  std::vector<physics::LinkPtr> bodies_;
  std::unordered_map<const physics::Link *, std::size_t> row_;
  std::vector<Gimbal> gimbals_;
  std::vector<taihang::Command> commands_;
  std::vector<std::uint32_t> touches_;
  std::map<std::string, std::uint32_t> cameras_;
  std::vector<event::ConnectionPtr> connections_;
  std::vector<char> out_, in_;
  std::mutex image_mutex_;
  std::uint64_t seq_ = 0;
  int link_ = -1, images_ = -1;
  std::atomic<bool> is_over_{false};
  std::thread waiter_;
};
GZ_REGISTER_WORLD_PLUGIN(TaihangLink)
}  // namespace gazebo

// The looks ahead, and giving each answer once.
#include "controller/engine/eager_engine.hpp"

#include <set>

namespace matriarch::controller {

using reconcilers::ImageFacts;
using reconcilers::ObservedContainer;
using reconcilers::ObservedNetwork;
using reconcilers::ObservedVolume;

namespace {

/// Of several instances perhaps only one is looked at.
constexpr std::size_t containers_at_most = 40;

}  // namespace

template <class Answer>
void EagerEngine::Answers<Answer>::keep(const std::string& key,
                                        Result<std::optional<Answer>> answer) {
    if (!answer || !*answer) return;
    const std::lock_guard guard(mutex_);
    known_.insert_or_assign(key, std::move(**answer));
}

template <class Answer>
std::optional<Answer> EagerEngine::Answers<Answer>::take(const std::string& key) {
    const std::lock_guard guard(mutex_);
    const auto known = known_.extract(key);
    if (known.empty()) return std::nullopt;
    return std::move(known.mapped());
}

EagerEngine::EagerEngine(Endpoint endpoint, std::string label, const Call& call)
    : HttpEngine(std::move(endpoint)),
      label_(std::move(label)),
      facts_(introduced_.get_future()),
      list_(listed_.get_future()),
      thread_([this, call] {
          const std::stop_callback end(call.stop, [this] { ending_.request_stop(); });
          look({.within = call.within, .stop = ending_.get_token()});
      }) {}

EagerEngine::~EagerEngine() {
    ending_.request_stop();
}

void EagerEngine::look(const Call& call) {
    if (const auto version = negotiate(call); !version) {
        introduced_.set_value(fail(version.error()));
        listed_.set_value(fail(version.error()));
        return;
    }
    // It counts all that it keeps before it says how large its host is (30 ms).
    const std::jthread introduction(
        [this, &call] { introduced_.set_value(HttpEngine::facts(call)); });
    auto list = HttpEngine::list_containers(label_, call);
    listed_.set_value(list);
    if (list && list->size() <= containers_at_most) look_at(*list, call);
}

/// In the order in which a look at an instance asks (see loop/observe.hpp).
void EagerEngine::look_at(const std::vector<ContainerSummary>& containers, const Call& call) {
    std::set<std::string> networks;
    std::set<std::string> volumes;
    std::set<std::string> images;
    for (const ContainerSummary& summary : containers) {
        auto inspected = HttpEngine::inspect_container(summary.id, call);
        if (!inspected) return;
        if (!*inspected) continue;
        for (const auto& [name, id] : (*inspected)->network_ids) networks.insert(name);
        for (const auto& mount : (*inspected)->spec.mounts) volumes.insert(mount.volume);
        images.insert((*inspected)->image_id);
        containers_.keep(summary.id, std::move(inspected));
    }
    for (const auto& name : networks) {
        networks_.keep(name, HttpEngine::inspect_network(name, call));
    }
    for (const auto& name : volumes) volumes_.keep(name, HttpEngine::inspect_volume(name, call));
    for (const auto& id : images) images_.keep(id, HttpEngine::inspect_image(id, call));
}

Result<EngineFacts> EagerEngine::facts(const Call& call) {
    return facts_.valid() ? facts_.get() : HttpEngine::facts(call);
}

Result<std::vector<ContainerSummary>> EagerEngine::list_containers(const std::string& label,
                                                                   const Call& call) {
    if (label == label_ && list_.valid()) return list_.get();
    return HttpEngine::list_containers(label, call);
}

Result<std::optional<ObservedContainer>> EagerEngine::inspect_container(
    const std::string& id_or_name, const Call& call) {
    if (auto known = containers_.take(id_or_name)) return known;
    return HttpEngine::inspect_container(id_or_name, call);
}

Result<std::optional<ObservedNetwork>> EagerEngine::inspect_network(const std::string& id_or_name,
                                                                    const Call& call) {
    if (auto known = networks_.take(id_or_name)) return known;
    return HttpEngine::inspect_network(id_or_name, call);
}

Result<std::optional<ObservedVolume>> EagerEngine::inspect_volume(const std::string& name,
                                                                  const Call& call) {
    if (auto known = volumes_.take(name)) return known;
    return HttpEngine::inspect_volume(name, call);
}

Result<std::optional<ImageFacts>> EagerEngine::inspect_image(const std::string& reference,
                                                             const Call& call) {
    if (auto known = images_.take(reference)) return known;
    return HttpEngine::inspect_image(reference, call);
}

}  // namespace matriarch::controller

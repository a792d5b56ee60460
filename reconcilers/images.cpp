// Images: everything the commit needs is pulled before anything that runs is touched.
//
// A pull runs on its own thread; the World says how far it is. What runs keeps running while a
// registry is down.
#include "reconcilers/reconcilers.hpp"

namespace matriarch::reconcilers {

using std::chrono::milliseconds;

void plan_images(const Wanted& wanted, const World& world, Steps& steps) {
    for (const specs::ImageRef& image : wanted_images(wanted)) {
        (void)plan_image(image, world, steps);
    }
}

bool plan_image(const specs::ImageRef& image, const World& world, Steps& steps) {
    if (world.image(image) != nullptr) return true;
    const std::string name = specs::to_text(image);
    if (const auto pulling = world.pulling.find(name); pulling != world.pulling.end()) {
        steps.add(Wait{"image " + name, milliseconds(1000)}, "pulling: " + pulling->second);
    } else if (const auto error = world.pull_errors.find(name); error != world.pull_errors.end()) {
        steps.block({.code = "image-unavailable",
                     .message = "cannot pull " + name + ": " + error->second,
                     .hint = "Check the name and tag, and that this host reaches the registry.",
                     .kind = ErrorKind::unavailable});
    } else {
        steps.add(PullImage{image}, "not on this host");
    }
    return false;
}

}  // namespace matriarch::reconcilers

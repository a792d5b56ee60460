// connect: makes an HttpEngine and asks it once.
#include "controller/engine/connect.hpp"

#include "controller/engine/eager_engine.hpp"

namespace matriarch::controller {

Result<std::unique_ptr<Engine>> connect(const Endpoint& endpoint, const Call& call,
                                        CallObserver observer) {
    auto engine = std::make_unique<HttpEngine>(endpoint, std::move(observer));
    TRY(engine->negotiate(call));
    return engine;
}

std::unique_ptr<Engine> connect_eagerly(const Endpoint& endpoint, const std::string& label,
                                        const Call& call) {
    return std::make_unique<EagerEngine>(endpoint, label, call);
}

}  // namespace matriarch::controller

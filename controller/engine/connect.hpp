// connect: the door to this folder. Gives an Engine that has answered once.
//
//     const Endpoint endpoint = TRY(endpoint_from_environment());
//     const std::unique_ptr<Engine> engine = TRY(connect(endpoint, {.within = 5s, .stop = stop}));
#pragma once

#include <memory>

#include "controller/engine/endpoint.hpp"
#include "controller/engine/engine.hpp"
#include "controller/engine/transport.hpp"

namespace matriarch::controller {

/// Connects and negotiates the API version. The Engine may go away and come back afterwards: its
/// calls fail meanwhile (unavailable) and work again.
/// `observer`, where given, hears of every request, from the calling thread: for the debug log.
/// Errors: unavailable, stopped, invalid (an API older than 1.41, certificates that cannot be
/// read).
[[nodiscard]] Result<std::unique_ptr<Engine>> connect(const Endpoint& endpoint, const Call& call,
                                                      CallObserver observer = {});

/// For a single look: at once, and what it will be asked first is asked meanwhile, of the
/// containers with this label (see eager_engine.hpp). That it cannot be reached shows at its calls.
[[nodiscard]] std::unique_ptr<Engine> connect_eagerly(const Endpoint& endpoint,
                                                      const std::string& label, const Call& call);

}  // namespace matriarch::controller

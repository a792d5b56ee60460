// HttpEngine, the event stream: a wake-up, never a fact. It drops events when nobody reads, and
// says nothing of it; so whoever listens also looks by himself from time to time.
#include "controller/engine/frames.hpp"
#include "controller/engine/http_engine.hpp"
#include "controller/engine/refusal.hpp"
#include "controller/engine/text.hpp"
#include "controller/engine/wire.hpp"

namespace matriarch::controller {
namespace {

// What can change an inspection. Left out: exec_*, of which each health check makes three, and what
// only reads (top, attach, export). "health_status" also lets "health_status: healthy" through.
std::string events_query() {
    return "/events?filters=" +
           escape(wire::write_filter(
               {{"type", {"container", "network", "volume", "image", "daemon"}},
                {"event", {"create",        "start",   "restart",    "die",    "oom",    "kill",
                           "stop",          "pause",   "unpause",    "rename", "update", "destroy",
                           "health_status", "connect", "disconnect", "remove", "pull",   "tag",
                           "untag",         "delete",  "load",       "import", "reload"}}}));
}

}  // namespace

Result<void> HttpEngine::watch_events(const std::function<void(const Event&)>& each,
                                      const Call& call) {
    const Question question{.purpose = "cannot watch events", .path = events_query()};
    LineReader lines([&each](std::string_view line) -> Result<void> {
        if (line.find_first_not_of(" \r\n") == std::string_view::npos) return {};
        const Event event = TRY(wire::read_event(line));
        each(event);
        return {};
    });
    const BodyPiece piece = [&lines](std::string_view bytes) { return lines.take(bytes); };
    TRY(listen(question, piece, StreamEnd::open, call));
    return fail(ErrorKind::unavailable, "cannot watch events: the stream ended");
}

}  // namespace matriarch::controller

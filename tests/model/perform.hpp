// How a call of the SimulatedEngine is performed: its time, its fault, its effect. Only for
// simulated_engine*.cpp.
#pragma once

#include "tests/model/simulated_engine.hpp"

namespace matriarch::model {

inline constexpr milliseconds read_time{1};
inline constexpr milliseconds write_time{20};
/// A request on its way when its caller died arrives that much later.
inline constexpr milliseconds overtaken_by{1300};
/// A request whose caller gave up arrives that much after the deadline.
inline constexpr milliseconds late_by{2000};

inline tl::unexpected<Error> no_answer(const char* why) {
    return fail(ErrorKind::unavailable, std::string("simulated: ") + why);
}

template <class Effect>
std::invoke_result_t<Effect> SimulatedEngine::read(CallMade made, const Call& call, Effect effect) {
    const std::optional<Fault> fault = begin(made);
    host_.advance(read_time);
    const auto strike = [&] {
        if (struck) struck(*fault, made);
    };
    is_stale_ = false;
    if (fault) {
        switch (fault->kind) {
            case FaultKind::refused:
                strike();
                return no_answer("500");
            case FaultKind::answer_lost:
                strike();
                return no_answer("connection reset");
            case FaultKind::hang:
                strike();
                host_.advance(call.within);
                return no_answer("deadline");
            case FaultKind::crash_before:
            case FaultKind::crash_after:
                strike();
                throw Crash{};
            case FaultKind::stale:
                is_stale_ = std::string_view(made.verb) == "list";
                if (is_stale_) strike();
                break;
            default:
                break;  // the others change something
        }
    }
    auto result = effect();
    end();
    return result;
}

template <class Effect>
std::invoke_result_t<Effect, bool> SimulatedEngine::write(CallMade made, const Call& call,
                                                          Effect effect) {
    const std::optional<Fault> fault = begin(made);
    host_.advance(write_time);
    arrive();
    const auto done = [&](bool is_half) {
        auto result = effect(is_half);
        keep_view();
        end();
        return result;
    };
    if (!fault || fault->kind == FaultKind::stale) return done(false);
    const bool has_halves = made.created != nullptr || std::string_view(made.verb) == "pull";
    const bool needs_halves =
        fault->kind == FaultKind::half || fault->kind == FaultKind::crash_half;
    if (needs_halves && !has_halves) return done(false);
    if (struck) struck(*fault, made);
    switch (fault->kind) {
        case FaultKind::refused:
            return no_answer("500");
        case FaultKind::conflict:
            return fail(ErrorKind::conflict, "simulated: 409");
        case FaultKind::answer_lost:
            (void)done(false);
            return no_answer("connection reset");
        case FaultKind::half:
            (void)done(true);
            return no_answer("connection reset");
        case FaultKind::hang:
            host_.advance(call.within);
            return no_answer("deadline");
        case FaultKind::late:
            course_.late.emplace_back(host_.now + call.within + late_by,
                                      [effect] { (void)effect(false); });
            host_.advance(call.within);
            return no_answer("deadline");
        case FaultKind::crash_late:
            course_.late.emplace_back(host_.now + overtaken_by, [effect] { (void)effect(false); });
            throw Crash{};
        case FaultKind::crash_after:
            (void)done(false);
            throw Crash{};
        case FaultKind::crash_half:
            (void)done(true);
            throw Crash{};
        default:
            throw Crash{};
    }
}

}  // namespace matriarch::model

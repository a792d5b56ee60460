// Steps as text, which is what most tests compare.
#include "reconcilers/steps.hpp"

namespace matriarch::reconcilers {

std::string to_text(const Steps& steps) {
    std::string text;
    int number = 0;
    for (const Step& step : steps.steps) {
        text += "#" + std::to_string(++number) + " " + in_words(step.action) + ": " + step.reason +
                "\n";
    }
    for (const Blocked& blocked : steps.blocked) {
        text += "blocked (" + blocked.code + "): " + blocked.message + "\n";
    }
    return text;
}

const char* to_text(Downtime downtime) {
    switch (downtime) {
        case Downtime::none:
            return "none";
        case Downtime::brief:
            return "brief";
        case Downtime::stops:
            return "stops";
    }
    return "stops";
}

const char* to_text(Reversible reversible) {
    switch (reversible) {
        case Reversible::yes:
            return "yes";
        case Reversible::needs_restore:
            return "needs-restore";
        case Reversible::no:
            return "no";
    }
    return "no";
}

}  // namespace matriarch::reconcilers

// What the loop keeps between processes, and what one instance has to know of the others.
#include "controller/base/log.hpp"
#include "controller/loop/controller.hpp"
#include "controller/loop/disk_growth.hpp"

namespace matriarch::controller {

namespace {

void note(const Result<void>& written, const char* what) {
    if (!written) log::warn(what, {{log::key::error, written.error().message}});
}

}  // namespace

FactStore fact_store(Journal& journal) {
    return {.load = [&journal](const std::string& key) -> std::optional<std::string> {
                const auto text = journal.fact(key);
                return text ? *text : std::nullopt;
            },
            .save =
                [&journal](const std::string& key, const std::string& text) {
                    note(journal.keep_fact(key, text), "could not keep a fact");
                },
            .pulled =
                [&journal] {
                    auto images = journal.images();
                    if (images) return std::move(*images);
                    return std::vector<reconcilers::PulledImage>{};
                },
            .forget_pulled =
                [&journal](const reconcilers::PulledImage& image) {
                    note(journal.forget_image(image), "could not forget an image");
                },
            .note_disk =
                [&journal](reconcilers::Time now, Bytes free) {
                    const auto growth = note_disk(journal, now, free);
                    return growth ? *growth : std::optional<Bytes>{};
                }};
}

std::function<void(const reconcilers::PulledImage&)> image_keeper(Journal& journal) {
    return [&journal](const reconcilers::PulledImage& image) {
        note(journal.keep_image(image), "could not write down which image was pulled");
    };
}

reconcilers::Surroundings Controller::around(const std::string& name,
                                             const std::shared_ptr<const Fleet>& fleet) const {
    reconcilers::Surroundings around{.are_known = true, .has_no_ballast = ballast_.is_gone()};
    for (const auto& [other, tended] : tended_) {
        if (other == name) continue;
        // Until each has said at this commit what it needs, nobody knows what is spare.
        around.are_known = around.are_known && tended.last && tended.said_needs == fleet;
        if (!tended.last) continue;
        const auto& images = tended.last->needed_images;
        around.images.insert(images.begin(), images.end());
    }
    return around;
}

}  // namespace matriarch::controller

// What is known of the host: images that we pulled, and how much of its disk was free.
#include "controller/store/journal.hpp"

namespace matriarch::controller {

namespace {

WallTime time_at(const Row& row, std::size_t index) {
    return WallTime(std::chrono::milliseconds(number_at(row, index)));
}

}  // namespace

Result<void> Journal::keep_image(const reconcilers::PulledImage& image) {
    TRY(
        write("INSERT INTO images (reference, id, pulled_ms) VALUES (?, ?, ?) ON CONFLICT"
              " (reference) DO UPDATE SET id = excluded.id, pulled_ms = excluded.pulled_ms",
              {image.reference, image.id, image.pulled_at.time_since_epoch().count()}));
    return {};
}

Result<void> Journal::forget_image(const reconcilers::PulledImage& image) {
    TRY(write("DELETE FROM images WHERE reference = ? AND id = ?", {image.reference, image.id}));
    return {};
}

Result<std::vector<reconcilers::PulledImage>> Journal::images() {
    std::vector<reconcilers::PulledImage> all;
    for (const Row& row :
         TRY(read("SELECT reference, id, pulled_ms FROM images ORDER BY pulled_ms", {}))) {
        all.push_back(
            {.reference = text_at(row, 0), .id = text_at(row, 1), .pulled_at = time_at(row, 2)});
    }
    return all;
}

Result<void> Journal::add_disk_sample(const DiskSample& sample, WallTime oldest) {
    TRY(write("INSERT OR REPLACE INTO disk_samples (at_ms, free) VALUES (?, ?)",
              {sample.at.time_since_epoch().count(), sample.free.count}));
    TRY(write("DELETE FROM disk_samples WHERE at_ms < ?", {oldest.time_since_epoch().count()}));
    return {};
}

Result<std::vector<DiskSample>> Journal::disk_samples() {
    std::vector<DiskSample> all;
    for (const Row& row : TRY(read("SELECT at_ms, free FROM disk_samples ORDER BY at_ms", {}))) {
        all.push_back({.at = time_at(row, 0), .free = Bytes{number_at(row, 1)}});
    }
    return all;
}

}  // namespace matriarch::controller

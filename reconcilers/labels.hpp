// The labels that say "this is ours", with the meaning of each (contract, section 4). Strings,
// since maps are asked for them all the time.
#pragma once

#include <map>
#include <string>

namespace matriarch::reconcilers::label {

/// Name of the instance. Containers, networks and volumes.
inline const std::string instance = "social.matriarch.instance";
/// Whether what has these labels is this instance's.
[[nodiscard]] inline bool is_of(const std::map<std::string, std::string>& labels,
                                const std::string& name) {
    const auto owner = labels.find(instance);
    return owner != labels.end() && owner->second == name;
}
/// What it is for: web, sidekiq, postgres, migrate, ... Containers and volumes.
inline const std::string role = "social.matriarch.role";
/// Commit that was in force when it was made. Never compared.
inline const std::string revision = "social.matriarch.revision";
/// Digest over the inputs we control, without secrets. Never compared alone.
inline const std::string spec = "social.matriarch.spec";
/// Identity of a data volume; also on the containers that use it.
inline const std::string volume = "social.matriarch.volume";
/// Of a job: what it was for (image, schema), so that it is known which question it answers.
inline const std::string subject = "social.matriarch.subject";
/// On the volumes that say who holds an instance (controller/loop/holder.hpp): its name, the id of
/// the controller, and where that one runs, in words.
inline const std::string holds = "social.matriarch.holds";
inline const std::string holder = "social.matriarch.holder";
inline const std::string holder_place = "social.matriarch.holder-place";
/// Of a job with restic: which repository it worked on, as a digest.
inline const std::string repository = "social.matriarch.repository";
/// So that `docker compose -p NAME ps`, Portainer and lazydocker group our containers.
inline const std::string compose_project = "com.docker.compose.project";
inline const std::string compose_service = "com.docker.compose.service";

}  // namespace matriarch::reconcilers::label

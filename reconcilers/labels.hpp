// The labels that say "this is ours", with the meaning of each (contract, section 4).
#pragma once

namespace matriarch::reconcilers::label {

/// Name of the instance. Containers, networks and volumes.
inline constexpr const char* instance = "social.matriarch.instance";
/// What it is for: web, sidekiq, postgres, migrate, ... Containers and volumes.
inline constexpr const char* role = "social.matriarch.role";
/// Commit that was in force when it was made. Never compared.
inline constexpr const char* revision = "social.matriarch.revision";
/// Digest over the inputs we control, without secrets. Never compared alone.
inline constexpr const char* spec = "social.matriarch.spec";
/// Identity of a data volume; also on the containers that use it.
inline constexpr const char* volume = "social.matriarch.volume";
/// Of a job: what it was for (image, schema), so that it is known which question it answers.
inline constexpr const char* subject = "social.matriarch.subject";
/// On the volumes that say who holds an instance (controller/loop/holder.hpp): its name, the id of
/// the controller, and where that one runs, in words.
inline constexpr const char* holds = "social.matriarch.holds";
inline constexpr const char* holder = "social.matriarch.holder";
inline constexpr const char* holder_place = "social.matriarch.holder-place";
/// Of a job with restic: which repository it worked on, as a digest.
inline constexpr const char* repository = "social.matriarch.repository";
/// So that `docker compose -p NAME ps`, Portainer and lazydocker group our containers.
inline constexpr const char* compose_project = "com.docker.compose.project";
inline constexpr const char* compose_service = "com.docker.compose.service";

}  // namespace matriarch::reconcilers::label

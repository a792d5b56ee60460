// What we rely on of an Engine, each by a name. The real one has the last word.
#include "tests/contract/scripts.hpp"

namespace matriarch::controller {

namespace {

/// Names and ids.
const std::vector<Behaviour> names_and_ids{
    {"a name is taken once", "create a -> ok; create a -> conflict"},
    {"a name is free again after a removal", "create a; remove a -> ok; create a -> ok"},
    {"a name stays taken by what has exited", "create a exits 0; start a; create a -> conflict"},
    {"what is not there cannot be started", "start a -> conflict"},
    {"what is not there cannot be stopped", "stop a -> conflict"},
    {"what is not there cannot be removed", "remove a -> conflict"},
    {"what is not there cannot be updated", "update a 96 500 50 -> conflict"},
    {"what is not there cannot be unpaused", "unpause a -> conflict"},
    {"what is not there has no log", "logs a -> conflict"},
    {"what is not there runs nothing", "execute a -> conflict"},
    {"what is not there joins no network", "network n; connect a n -> conflict"},
    {"what is not there leaves no network", "network n; disconnect a n -> conflict"},
    {"a list of nothing is a list", "list -> ok"},
    {"an inspection of nothing says nothing", "inspect a -> ok; look n -> ok; find n -> ok"},
};

/// A container's life.
const std::vector<Behaviour> lives{
    {"what is created does not run", "create a -> ok; inspect a -> ok"},
    {"what is started runs", "create a; start a -> ok; inspect a"},
    {"a start of what runs is a success", "create a; start a; start a -> ok"},
    {"what has exited can be started again", "create a exits 0; start a; start a -> ok"},
    {"what was stopped can be started again", "create a; start a; stop a -> ok; start a -> ok"},
    {"what was killed can be started again", "create a; start a; kill a -> ok; start a -> ok"},
    {"an exit code is kept", "create a exits 7; start a; inspect a"},
    {"a good end is kept too", "create a exits 0; start a; inspect a"},
    {"a kill is exit code 137", "create a; start a; kill a -> ok; inspect a"},
    {"a stop that is obeyed is exit code 0", "create a; start a; stop a -> ok; inspect a"},
    {"a signal to what was only created is too late", "create a; stop a -> conflict"},
    {"a signal to what has exited is too late", "create a exits 0; start a; stop a -> conflict"},
    {"a kill of what has exited is too late", "create a exits 0; start a; kill a -> conflict"},
    {"what runs cannot be removed", "create a; start a; remove a -> conflict"},
    {"what was only created can be removed", "create a; remove a -> ok"},
    {"what has exited can be removed", "create a exits 7; start a; remove a -> ok"},
    {"a second removal is too late", "create a; remove a; remove a -> conflict"},
    {"what a hand removed is gone", "create a; start a; destroy a; start a -> conflict"},
    {"a restart policy brings nothing back that was killed by a call",
     "create a always; start a; kill a -> ok; inspect a"},
    {"a restart policy brings nothing back that was stopped by a call",
     "create a always; start a; stop a -> ok; inspect a"},
};

/// Paused.
const std::vector<Behaviour> pauses{
    {"what is paused goes on", "create a; start a; pause a; unpause a -> ok; inspect a"},
    {"what runs cannot be unpaused", "create a; start a; unpause a -> conflict"},
    {"what was only created cannot be unpaused", "create a; unpause a -> conflict"},
    {"what has exited cannot be unpaused", "create a exits 0; start a; unpause a -> conflict"},
    {"what is paused cannot be started", "create a; start a; pause a; start a"},
    {"what is paused cannot be removed", "create a; start a; pause a; remove a -> conflict"},
    {"what is paused can be killed", "create a; start a; pause a; kill a; inspect a"},
    {"what is paused and asked to stop goes on to its end",
     "create a; start a; pause a; stop a -> ok; unpause a -> conflict"},
    {"what is paused runs nothing", "create a; start a; pause a; execute a"},
    {"limits of what is paused can change", "create a; start a; pause a; update a 96 500 50"},
};

/// Limits.
const std::vector<Behaviour> limits{
    {"limits of what runs change in place", "create a; start a; update a 96 500 50 -> ok"},
    {"limits of what was created change", "create a; update a 96 500 50 -> ok"},
    {"limits of what has exited change", "create a exits 0; start a; update a 96 500 50 -> ok"},
    {"no memory means the memory it has", "create a memory 64; update a 0 500 50 -> ok"},
    {"no cpus means the cpus it has", "create a; update a 96 500 50; update a 96 0 50 -> ok"},
    {"a limit can be lowered", "create a memory 96; start a; update a 64 500 50 -> ok"},
    {"limits outlive a restart", "create a; start a; update a 96 500 50; kill a; start a -> ok"},
};

/// Networks.
const std::vector<Behaviour> networks{
    {"a network's name is taken once", "network n -> ok; network n -> conflict"},
    {"an internal network is internal", "network n internal -> ok; look n"},
    {"a network that is not used can be removed", "network n; remove-network n -> ok; look n"},
    {"a second removal of a network is too late",
     "network n; remove-network n; remove-network n -> conflict"},
    {"a network in use cannot be removed",
     "network n; create a on n; start a; remove-network n -> conflict"},
    {"a network of what was only created can be removed",
     "network n; create a on n; remove-network n -> ok"},
    {"a network of what has exited can be removed",
     "network n; create a on n exits 0; start a; remove-network n -> ok"},
    {"without its network nothing starts", "network n; create a on n; remove-network n; start a"},
    {"a creation does not look for its first network", "create a on n -> ok; start a"},
    {"what runs is on its networks",
     "network n; network m; create a on n,m; start a -> ok; look n; look m"},
    {"what runs can join a network",
     "network n; network m; create a on n; start a; connect a m -> ok; look m"},
    {"what was created can join a network",
     "network n; network m; create a on n; connect a m -> ok; start a -> ok"},
    {"what was made without a network joins none",
     "network n; create a; start a; connect a n -> invalid"},
    {"nothing joins a network twice", "network n; create a on n; start a; connect a n -> conflict"},
    {"nothing joins a network that is not there",
     "network n; create a on n; start a; connect a m -> conflict"},
    {"what runs can leave a network",
     "network n; create a on n; start a; disconnect a n -> ok; look n"},
    {"what was created can leave a network", "network n; create a on n; disconnect a n"},
    {"nothing leaves a network that it is not on",
     "network n; network m; create a on n; start a; disconnect a m -> conflict"},
    {"what left a network can join it again",
     "network n; create a on n; start a; disconnect a n; connect a n -> ok"},
    {"a kill takes it off its networks", "network n; create a on n; start a; kill a; look n"},
    {"a list of networks has the exact name only", "network n; find n -> ok; find m -> ok"},
    {"two share a network",
     "network n; create a on n; create b on n; start a; start b -> ok; look n"},
};

/// Volumes and images.
const std::vector<Behaviour> volumes_and_images{
    {"making a volume twice is a success", "volume v -> ok; volume v -> ok"},
    {"what mounts a volume that is not there makes it", "create a with v -> ok"},
    {"a volume outlives its container", "volume v; create a with v; start a; destroy a"},
    {"an image is there", "image -> ok"},
};

/// What runs inside.
const std::vector<Behaviour> commands{
    {"what runs can be asked", "create a; start a; execute a -> ok"},
    {"what was only created cannot be asked", "create a; execute a -> conflict"},
    {"what has exited cannot be asked", "create a exits 0; start a; execute a -> conflict"},
    {"what has exited has a log", "create a exits 0; start a; logs a -> ok"},
    {"what was only created has a log", "create a; logs a -> ok"},
};

}  // namespace

std::vector<Behaviour> behaviours() {
    std::vector<Behaviour> all;
    for (const auto& part :
         {names_and_ids, lives, pauses, limits, networks, volumes_and_images, commands}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

}  // namespace matriarch::controller

# Stand-in: named on the command line of `puma -C config/puma.rb`; the stand-in reads BIND, PORT, MAX_THREADS.

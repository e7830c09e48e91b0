package org.xfrmagent.agent.daemon;

import java.util.List;
import org.xfrmagent.agent.engine.Output;
import org.xfrmagent.agent.engine.core.Action;
import org.xfrmagent.agent.engine.core.Input;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Session;

/** Carries out what an endpoint asks for: the only way from the engine to the world. */
final class Outputs implements Shard.Outlet {
    /** Finds out where a peer is and calls it. */
    @FunctionalInterface
    interface Calls {
        void call(Shard shard, Profile profile, List<Input.Wish> wishes);
    }

    private final Datagrams datagrams;
    private final JobRunner jobs;
    private final Calls calls;
    private final EventHub events;

    Outputs(Datagrams datagrams, JobRunner jobs, Calls calls, EventHub events) {
        this.datagrams = datagrams;
        this.jobs = jobs;
        this.calls = calls;
        this.events = events;
    }

    @Override
    public void deliver(Shard shard, List<Output> outputs) {
        for (Output output : outputs) {
            switch (output) {
                case Output.Act(Session session, Action action) -> act(shard, session, action);
                case Output.Reply(var path, var datagram) -> datagrams.send(path, datagram, 0);
                case Output.Wanted(Profile profile, List<Input.Wish> wishes) -> calls.call(shard, profile, wishes);
                case Output.Note(var event) -> events.note(event);
            }
        }
    }

    private void act(Shard shard, Session session, Action action) {
        switch (action) {
            case Action.Send(var path, var datagram) -> datagrams.send(path, datagram, session.dscp());
            case Action.Do(long ticket, Job job) ->
                jobs.run(session.id(), job, result -> shard.post((to, at) -> to.completed(session.id(), ticket, result, at)));
            case Action.Emit(var event) -> events.publish(session, event);
        }
    }
}

package org.xfrmagent.agent.engine.v2;

import java.util.Arrays;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.v2.Pending.Creating;
import org.xfrmagent.agent.engine.v2.Pending.Deleting;
import org.xfrmagent.agent.engine.v2.Pending.DeletingIke;
import org.xfrmagent.agent.engine.v2.Pending.Nothing;
import org.xfrmagent.agent.engine.v2.Pending.Preparing;
import org.xfrmagent.agent.engine.v2.Pending.Rekeying;
import org.xfrmagent.agent.engine.v2.Pending.RekeyingIke;

/**
 * What to answer when the peer asks for something while we are about something ourselves: RFC 7296, section 2.25, in one place. One
 * request of each side at most is under way, so every collision is one question of the peer's against one thing of ours.
 */
final class Collisions {
    /** What a request of the peer's is about. */
    sealed interface Asked {
        record NewChild() implements Asked {}

        /** A successor of a child that we have. */
        record RekeyChild(ChildSa child) implements Asked {}

        /** A successor of a child that we do not know. */
        record RekeyUnknownChild() implements Asked {}

        record DeleteChild(ChildSa child) implements Asked {}

        record DeleteUnknownChild() implements Asked {}

        record RekeyIke() implements Asked {}

        record DeleteIke() implements Asked {}
    }

    /** The answer, and what becomes of ours. */
    enum Verdict {
        /** As if we had nothing under way; ours goes on. */
        AS_USUAL,
        /** As usual; when ours is answered as well, the exchange with the lowest of the four nonces has lost. */
        COMPARE_LATER,
        /** As usual; ours had not left yet, and is dropped. */
        INSTEAD_OF_OURS,
        /** The peer has not noticed that we rekey as well: its successor is the one, ours is forgotten (section 2.8.2). */
        TAKE_THEIRS,
        /** Ours says the same and is on its way: no DELETE payload in the answer (section 1.4.1). */
        CROSSING,
        /** We have no such child; should ours turn out to be the one, it is gone. */
        REMEMBER,
        /** Refuse with TEMPORARY_FAILURE. */
        NOT_NOW,
        /** Refuse with CHILD_SA_NOT_FOUND. */
        NOT_FOUND
    }

    private record Collision(Asked asked, Pending ours) {}

    private Collisions() {}

    static Verdict judge(Asked asked, Session session) {
        return judge(asked, Pending.of(session));
    }

    static Verdict judge(Asked asked, Pending ours) {
        return switch (new Collision(asked, ours)) {
            // "If a peer receives a request to create or rekey a Child SA when it is currently rekeying the IKE SA, it SHOULD reply
            // with TEMPORARY_FAILURE" (2.25.2): the child would be lost between the two. Closing is no better a time.
            case Collision(Asked.NewChild _, RekeyingIke _), Collision(Asked.NewChild _, DeletingIke _) -> Verdict.NOT_NOW;
            case Collision(Asked.RekeyChild _, RekeyingIke _), Collision(Asked.RekeyChild _, DeletingIke _) -> Verdict.NOT_NOW;
            case Collision(Asked.RekeyUnknownChild _, RekeyingIke _), Collision(Asked.RekeyUnknownChild _, DeletingIke _) ->
                Verdict.NOT_NOW;

            case Collision(Asked.NewChild _, Nothing _), Collision(Asked.NewChild _, Creating _),
                Collision(Asked.NewChild _, Preparing _), Collision(Asked.NewChild _, Rekeying _),
                Collision(Asked.NewChild _, Deleting _) ->
                Verdict.AS_USUAL;

            // "a request to rekey a Child SA that it is currently trying to close: TEMPORARY_FAILURE" (2.25.1). We close as well what
            // our own rekeying has replaced: the peer's came too late to be compared.
            case Collision(Asked.RekeyChild(ChildSa child), Pending _) when child.state() == ChildSa.State.DELETING -> Verdict.NOT_NOW;
            // Our successor is agreed and only being installed.
            case Collision(Asked.RekeyChild(ChildSa child), Creating _) when child.state() == ChildSa.State.REKEYING ->
                Verdict.NOT_NOW;
            // "a request to rekey a Child SA that it is currently rekeying: reply as usual, prepare to close redundant SAs later".
            case Collision(Asked.RekeyChild(ChildSa child), Rekeying(int serial)) when child.serial() == serial ->
                Verdict.COMPARE_LATER;
            case Collision(Asked.RekeyChild(ChildSa child), Preparing(int serial)) when child.serial() == serial ->
                Verdict.INSTEAD_OF_OURS;
            case Collision(Asked.RekeyChild _, Nothing _), Collision(Asked.RekeyChild _, Creating _),
                Collision(Asked.RekeyChild _, Preparing _), Collision(Asked.RekeyChild _, Rekeying _),
                Collision(Asked.RekeyChild _, Deleting _) ->
                Verdict.AS_USUAL;

            // It may be the very child that we wait for: the peer's request overtook its answer.
            case Collision(Asked.RekeyUnknownChild _, Creating _), Collision(Asked.RekeyUnknownChild _, Rekeying _) -> Verdict.NOT_NOW;
            case Collision(Asked.DeleteUnknownChild _, Creating _), Collision(Asked.DeleteUnknownChild _, Rekeying _) ->
                Verdict.REMEMBER;
            // "a request to rekey a Child SA that does not exist: CHILD_SA_NOT_FOUND"; "to close one: without a Delete payload".
            case Collision(Asked.RekeyUnknownChild _, Nothing _), Collision(Asked.RekeyUnknownChild _, Preparing _),
                Collision(Asked.RekeyUnknownChild _, Deleting _) ->
                Verdict.NOT_FOUND;
            case Collision(Asked.DeleteUnknownChild _, Nothing _), Collision(Asked.DeleteUnknownChild _, Preparing _),
                Collision(Asked.DeleteUnknownChild _, Deleting _), Collision(Asked.DeleteUnknownChild _, RekeyingIke _),
                Collision(Asked.DeleteUnknownChild _, DeletingIke _) ->
                Verdict.AS_USUAL;

            // "a request to close a Child SA that it is currently trying to close: without a Delete payload"; whatever else we are
            // about, rekeying this child or the IKE SA, "as usual, with a Delete payload".
            case Collision(Asked.DeleteChild(ChildSa child), Deleting(var serials)) when serials.contains(child.serial()) ->
                Verdict.CROSSING;
            case Collision(Asked.DeleteChild _, Pending _) -> Verdict.AS_USUAL;

            // "a request to rekey the IKE SA, and it is currently creating, rekeying, or closing a Child SA: TEMPORARY_FAILURE". A
            // child whose exchange is over, or has not begun, does not care under which IKE SA it goes on.
            case Collision(Asked.RekeyIke _, Creating _), Collision(Asked.RekeyIke _, Rekeying _),
                Collision(Asked.RekeyIke _, Deleting _), Collision(Asked.RekeyIke _, DeletingIke _) ->
                Verdict.NOT_NOW;
            case Collision(Asked.RekeyIke _, RekeyingIke _) -> Verdict.COMPARE_LATER;
            case Collision(Asked.RekeyIke _, Nothing _), Collision(Asked.RekeyIke _, Preparing _) -> Verdict.AS_USUAL;

            // The peer deletes the old IKE SA because it believes in the successor that we granted it.
            case Collision(Asked.DeleteIke _, RekeyingIke(boolean rival)) when rival -> Verdict.TAKE_THEIRS;
            case Collision(Asked.DeleteIke _, Pending _) -> Verdict.AS_USUAL;
        };
    }

    /**
     * The lower of two nonces, octet by octet; a nonce that ends first is the lower one (section 2.8.1). The random values are what
     * decides between two successors, since both sides know all four.
     */
    static Bytes lower(Bytes one, Bytes other) {
        return isLower(one, other) ? one : other;
    }

    static boolean isLower(Bytes one, Bytes other) {
        return Arrays.compareUnsigned(one.toArray(), other.toArray()) < 0;
    }
}

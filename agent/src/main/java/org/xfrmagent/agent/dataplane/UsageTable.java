package org.xfrmagent.agent.dataplane;

import java.util.AbstractMap;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What many SAs have carried, as a map that never changes. Tens of thousands are read every second while somebody watches, and each is
 * looked up in each listing: so it is a few arrays and not an object or two for each SA, and its places are found by the SPI.
 */
public final class UsageTable extends AbstractMap<SaId, Usage> {
    /** Of {@link #numbers}, for each SA. */
    private static final int COLUMNS = 3;

    private final SaId[] ids;
    /** By row: bytes, packets, seconds since the last. */
    private final long[] numbers;
    /** By the SPI, and then one after the other: the row, counted from 1; 0 for none. */
    private final int[] places;
    /** Another for each table: peers choose their SPIs, and must not know which of them fall on one place. */
    private final int multiplier = ThreadLocalRandom.current().nextInt() | 1;

    private UsageTable(SaId[] ids, long[] numbers) {
        this.ids = ids;
        this.numbers = numbers;
        this.places = new int[Integer.highestOneBit(Math.max(1, ids.length)) * 4];
        for (int row = 0; row < ids.length; row++) {
            int place = start(ids[row]);
            while (places[place] != 0) {
                place = place + 1 & places.length - 1;
            }
            places[place] = row + 1;
        }
    }

    /** The same as {@code usage} tells. */
    public static UsageTable of(Map<SaId, Usage> usage) {
        if (usage instanceof UsageTable same) {
            return same;
        }
        Builder all = new Builder(usage.size());
        usage.forEach(all::add);
        return all.build();
    }

    /** Takes each SA once. */
    public static final class Builder {
        private SaId[] ids;
        private long[] numbers;
        private int size;

        /** @param about how many SAs it will be */
        public Builder(int about) {
            ids = new SaId[about];
            numbers = new long[about * COLUMNS];
        }

        public void add(SaId id, Usage usage) {
            if (size == ids.length) {
                ids = Arrays.copyOf(ids, size * 2 + 1);
                numbers = Arrays.copyOf(numbers, ids.length * COLUMNS);
            }
            ids[size] = id;
            numbers[size * COLUMNS] = usage.bytes();
            numbers[size * COLUMNS + 1] = usage.packets();
            numbers[size * COLUMNS + 2] = usage.lastUsedSecondsAgo();
            size++;
        }

        public UsageTable build() {
            return new UsageTable(Arrays.copyOf(ids, size), Arrays.copyOf(numbers, size * COLUMNS));
        }
    }

    private int start(SaId id) {
        return id.spi() * multiplier >>> Integer.numberOfLeadingZeros(places.length - 1);
    }

    private int row(SaId id) {
        int place = start(id);
        while (places[place] != 0) {
            int row = places[place] - 1;
            if (ids[row].equals(id)) {
                return row;
            }
            place = place + 1 & places.length - 1;
        }
        return -1;
    }

    private Usage at(int row) {
        return new Usage(numbers[row * COLUMNS], numbers[row * COLUMNS + 1], numbers[row * COLUMNS + 2]);
    }

    @Override
    public @Nullable Usage get(@Nullable Object id) {
        int row = id instanceof SaId sa ? row(sa) : -1;
        return row < 0 ? null : at(row);
    }

    @Override
    public boolean containsKey(@Nullable Object id) {
        return id instanceof SaId sa && row(sa) >= 0;
    }

    @Override
    public Usage getOrDefault(@Nullable Object id, Usage otherwise) {
        Usage found = get(id);
        return found == null ? otherwise : found;
    }

    @Override
    public int size() {
        return ids.length;
    }

    @Override
    public Set<Map.Entry<SaId, Usage>> entrySet() {
        return IntStream.range(0, ids.length).mapToObj(row -> Map.entry(ids[row], at(row))).collect(Collectors.toUnmodifiableSet());
    }
}

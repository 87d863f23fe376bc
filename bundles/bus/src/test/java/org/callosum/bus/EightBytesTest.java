// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.function.IntPredicate;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import static org.assertj.core.api.Assertions.assertThat;

/** What is found in eight bytes is what a loop over them finds. */
class EightBytesTest {
    @Property(tries = 5_000)
    void theFirstThatIsFoundIsRight(@ForAll @Size(9) byte[] bytes, @ForAll("near") byte wanted) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (wanted + bytes[i] % 3); // many that are, or nearly
        }
        long eight = EightBytes.of(bytes, 1);

        assertFirst(bytes, EightBytes.equal(eight, (char) wanted), b -> b == wanted);
        assertFirst(bytes, EightBytes.endOfPlainText(eight), EightBytesTest::endsPlainText);
        int count = 0;
        for (int i = 1; i < 9; i++) {
            count += bytes[i] == wanted ? 1 : 0;
        }
        assertThat(EightBytes.count(eight, (char) wanted)).isEqualTo(count);
    }

    @Property(tries = 20_000)
    void plainTextEndsWhereItDoes(@ForAll @Size(9) byte[] bytes, @ForAll @IntRange(max = 9) int plain) {
        for (int i = 0; i < plain; i++) {
            bytes[i] = endsPlainText(bytes[i]) ? (byte) 'x' : bytes[i];
        }
        assertFirst(bytes, EightBytes.endOfPlainText(EightBytes.of(bytes, 1)), EightBytesTest::endsPlainText);
    }

    private static boolean endsPlainText(int b) {
        return b < ' ' || b == '"' || b == '\\'; // what is no ASCII is negative
    }

    @Provide
    Arbitrary<Byte> near() {
        return Arbitraries.of((byte) '\n', (byte) ' ', (byte) '"', (byte) '\\', (byte) 127, (byte) 1);
    }

    private static void assertFirst(byte[] bytes, long found, IntPredicate rule) {
        int first = 1;
        while (first < 9 && !rule.test(bytes[first])) {
            first++;
        }
        if (first == 9) {
            assertThat(found).isZero();
        } else {
            assertThat(EightBytes.before(found)).isEqualTo(first - 1);
        }
    }
}

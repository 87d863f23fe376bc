// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import org.callosum.transport.ConnectionStatus.Peer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SocketTableTest {
    private static final String SERVERS_END =
            "u_str ESTAB 0      0         /j/my health/callosum.sock 543460 * 543484 users:((\"java\",pid=818,fd=8))"
                    + " skmem:(r0,rb200002,t0,tb212992,f0,w0,o0,bl0,d0)\n";
    private static final String CLIENTS_END = "u_str ESTAB 0      0                                  * 543484 * 543460"
            + " users:((\"python3\",pid=864,fd=3),(\"child\",pid=900,fd=3))"
            + " skmem:(r0,rb212992,t0,tb212992,f0,w0,o0,bl0,d0)\n";

    @Test
    void theProcessAtTheOtherEndIsFoundByTheOwnBuffer() {
        SocketTable table = new SocketTable(
                "u_str LISTEN 0 50 /j/my health/callosum.sock 543451 * 0 users:((\"java\",pid=818,fd=7))"
                        + " skmem:(r0,rb212992,t0,tb212992,f0,w0,o0,bl0,d0)\n" + SERVERS_END + CLIENTS_END,
                818);
        assertThat(table.peerOf(200_002)).contains(new Peer(864, "python3"));
        assertThat(table.peerOf(200_004)).isEmpty();
        assertThat(table.peerOf(212_992)).isEmpty(); // not ours
    }

    @Test
    void withoutTheOtherEndOrItsProcessNobodyIsFound() {
        assertThat(new SocketTable(SERVERS_END, 818).peerOf(200_002)).isEmpty();
        String anothers = CLIENTS_END.replaceFirst("users:\\(.*\\)\\) ", "");
        assertThat(anothers).doesNotContain("pid");
        assertThat(new SocketTable(SERVERS_END + anothers, 818).peerOf(200_002)).isEmpty();
    }

    @Test
    void twoOwnSocketsWithTheSameBufferAreNotTakenForEachOther() {
        String second = SERVERS_END.replace("543460", "543470").replace("543484", "543494");
        assertThat(new SocketTable(SERVERS_END + second + CLIENTS_END, 818).peerOf(200_002))
                .isEmpty();
    }

    @Test
    void anEndThatDoesNotNameItsOtherIsNone() {
        String other = CLIENTS_END.replace("543460", "543461");
        assertThat(new SocketTable(SERVERS_END + other, 818).peerOf(200_002)).isEmpty();
    }

    @Test
    void whatIsNotUnderstoodIsNotThere() {
        assertThat(new SocketTable(
                                "usage: ss\n\nu_str ESTAB\nu_str ESTAB 0 0 * 1 * 2 users:((x)) skmem:(r0,rb2,t0)\n", 1)
                        .peerOf(2))
                .isEmpty();
        assertThat(new SocketTable("", 1).peerOf(2)).isEmpty();
    }
}

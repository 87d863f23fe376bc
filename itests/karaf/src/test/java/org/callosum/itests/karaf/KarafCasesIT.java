// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.karaf;

import java.nio.file.Path;

import org.callosum.itests.cases.Container;
import org.callosum.itests.cases.RuntimeCases;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.karaf.options.KarafDistributionOption;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;

/** The cases that every container has to pass, in a stock Karaf with the feature {@code callosum}. */
@RunWith(KarafRunner.class)
@ExamReactorStrategy(PerClass.class)
public class KarafCasesIT extends RuntimeCases {
    /** The container. Called outside of it. */
    @Configuration
    public Option[] karaf() {
        return new Option[] {
            KarafDistribution.stock(), KarafDistributionOption.features(KarafDistribution.features(), "callosum")
        };
    }

    @Override
    protected Container container() {
        return new Container() {
            @Override
            public Path socket() {
                return KarafDistribution.socket();
            }

            @Override
            public Path appsFolder() {
                return KarafDistribution.base().resolve("deploy");
            }
        };
    }
}

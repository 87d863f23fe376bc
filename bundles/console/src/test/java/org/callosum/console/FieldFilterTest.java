// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.console;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.callosum.api.EventContext;
import org.callosum.api.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class FieldFilterTest {
    private static final Message MESSAGE = Message.parse(
            """
            {"tract": "door", "event": "opened", "ts": 1795468325728,
             "text": "Front Door", "star": "*", "pattern": "(text=*)", "empty": "", "padded": " x ",
             "whole": 5, "negative": -5, "edge": 9223372036854775807, "large": 9223372036854775808,
             "fraction": 1.5, "tiny": 1e-400, "precise": 0.12345678901234567890123, "nan": NaN, "infinite": Infinity,
             "yes": true, "null": null,
             "list": ["x", 3, 2.5, null, ["deep", [7]], {"k": "v"}], "none": [], "nothing": [null],
             "object": {"k": "v"}, "dotted.name": "d", "Case": "upper", "case": "lower"}
            """);

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    # texts: case-sensitive, white space included
                    (text=Front Door)            | true
                    (text=front door)            | false
                    (text=Front)                 | false
                    (text=Front*)                | true
                    (text=*Door)                 | true
                    (text=*t D*)                 | true
                    (text=F*t*r)                 | true
                    (text=front*)                | false
                    (text~=frontdoor)            | true
                    (text~=backdoor)             | false
                    (text>=Front)                | true
                    (text<=Front)                | false
                    (padded=x)                   | false
                    (padded= x )                 | true
                    (empty=)                     | true
                    (text=)                      | false
                    # names: case-sensitive, dots are part of them
                    (Text=Front Door)            | false
                    (Case=upper)                 | true
                    (case=upper)                 | false
                    (dotted.name=d)              | true
                    ( whole =5)                  | true
                    # the message's own fields
                    (tract=door)                 | true
                    (event=closed)               | false
                    (ts>=1795468325728)          | true
                    (event.topics=*)             | false
                    # a Long: the filter's text has to be one
                    (whole=5)                    | true
                    (whole= 5 )                  | true
                    (whole=+5)                   | true
                    (whole=6)                    | false
                    (whole>=5)                   | true
                    (whole>=6)                   | false
                    (whole<=5)                   | true
                    (whole<=10)                  | true
                    (whole<=4)                   | false
                    (whole~=5)                   | true
                    (negative<=-5)               | true
                    (negative>=-4)               | false
                    (edge=9223372036854775807)   | true
                    (edge<=9223372036854775808)  | false
                    (whole=5.0)                  | false
                    (whole>=4.5)                 | false
                    (whole=five)                 | false
                    (whole=5*)                   | false
                    # a BigInteger
                    (large=9223372036854775808)  | true
                    (large>=1)                   | true
                    (large<=9223372036854775809) | true
                    (large<=9223372036854775807) | false
                    (large>=1.5)                 | false
                    # a Double
                    (fraction=1.5)               | true
                    (fraction=1.50)              | true
                    (fraction=15e-1)             | true
                    (fraction>=1)                | true
                    (fraction<=1)                | false
                    (fraction<=2)                | true
                    (nan=NaN)                    | true
                    (infinite=Infinity)          | true
                    (infinite>=1e308)            | true
                    # a BigDecimal
                    (tiny=1e-400)                | true
                    (tiny=10e-401)               | true
                    (tiny>=0)                    | true
                    (tiny<=0)                    | false
                    (precise=0.12345678901234567890123) | true
                    (precise=0.12345678901234567890124) | false
                    # a Boolean
                    (yes=true)                   | true
                    (yes=TRUE)                   | true
                    (yes=false)                  | false
                    # null is as good as missing
                    (null=*)                     | false
                    (null=null)                  | false
                    (null=)                      | false
                    (!(null=*))                  | true
                    (missing=*)                  | false
                    (missing=x)                  | false
                    (missing<=5)                 | false
                    (!(missing=x))               | true
                    # lists: one element is enough
                    (list=x)                     | true
                    (list=3)                     | true
                    (list>=3)                    | true
                    (list>=4)                    | true
                    (list<=2.5)                  | true
                    (list=deep)                  | true
                    (list=7)                     | true
                    (list=d*p)                   | true
                    (list=y)                     | false
                    (list=v)                     | false
                    (list=null)                  | false
                    (list=*)                     | true
                    (!(list=x))                  | false
                    (none=*)                     | true
                    (none=)                      | false
                    (nothing=*)                  | true
                    (nothing=null)               | false
                    # objects are there, and no more
                    (object=*)                   | true
                    (object=v)                   | false
                    (object={k=v})               | false
                    (object.k=v)                 | false
                    (k=v)                        | false
                    # combined
                    (&(whole=5)(yes=true))       | true
                    (&(whole=5)(yes=false))      | false
                    "(|(whole=6)(yes=true))"     | true
                    "(|(whole=6)(yes=false))"    | false
                    (!(whole=5))                 | false
                    "(&(text=Front*)(|(whole=1)(!(fraction=2))))" | true
                    """)
    void matches(String filter, boolean expected) {
        assertThat(matches(filter, MESSAGE)).isEqualTo(expected);
        assertThat(specification(filter, MESSAGE)).as("EventAdmin's own").isEqualTo(expected || isOfTheTopic(filter));
    }

    /** The one property of an {@code Event} that is no field of the message. */
    private static boolean isOfTheTopic(String filter) {
        return filter.startsWith("(event.topics");
    }

    @Test
    void aTextFromTheBusIsAValueAndNeverAPattern() {
        assertThat(matches("(star=Front Door)", MESSAGE)).isFalse();
        assertThat(matches("(pattern=Front Door)", MESSAGE)).isFalse();
        assertThat(matches("(star=\\*)", MESSAGE)).isTrue();
        assertThat(matches("(pattern=\\(text=\\*\\))", MESSAGE)).isTrue();
        assertThat(matches("(text=\\*)", MESSAGE))
                .as("an escaped star in the filter")
                .isFalse();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ''            | ended abruptly
                    (             | ended abruptly
                    ()            | Missing attr
                    (a)           | Invalid operator
                    (a=1          | ended abruptly
                    a=1           | Missing '('
                    (a=1))        | Extraneous trailing characters
                    (a=1)(b=2)    | Extraneous trailing characters
                    (&)           | Invalid operator
                    (&(a=1)       | ended abruptly
                    (a>1)         | Invalid operator
                    (a>=)         | Missing value
                    (=x)          | Missing attr
                    (a=(b))       | Invalid value
                    """)
    void aMalformedFilterSaysWhatIsWrong(String filter, String problem) {
        assertThatThrownBy(() -> FieldFilter.parse(filter))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(problem);
    }

    @Test
    void howDeepAFilterMayBeNestedIsBounded() {
        assertThat(matches(nested(100), MESSAGE)).isFalse(); // negated 99 times
        assertThatThrownBy(() -> FieldFilter.parse(nested(101))).hasMessage("nested deeper than 100");
        assertThatThrownBy(() -> FieldFilter.parse("(!".repeat(1_000_000))).hasMessage("nested deeper than 100");
        assertThatCode(() -> FieldFilter.parse("(a=" + "\\(".repeat(200) + ")"))
                .as("brackets in a value")
                .doesNotThrowAnyException();
    }

    private static String nested(int depth) {
        return "(!".repeat(depth - 1) + "(whole=5)" + ")".repeat(depth - 1);
    }

    @Test
    void aMessageIsDecodedOnce() {
        Message message = Message.ofFrame("a", "b", "{\"whole\":5}".getBytes(UTF_8));

        assertThat(matches("(whole=5)", message)).isTrue();

        Map<String, Object> decoded = message.toMap();
        assertThat(matches("(&(whole=5)(whole>=1))", message)).isTrue();
        assertThat(message.toMap()).isSameAs(decoded);
    }

    @Test
    void whatIsNoJsonIsLeftToTheHandlerToFailOn() {
        assertThat(matches("(whole=5)", Message.ofFrame("a", "b", "{broken".getBytes(UTF_8))))
                .isTrue();
    }

    @Property
    void agreesWithANaiveSearchAndWithEventAdmin(
            @ForAll("fields") Map<String, Object> fields, @ForAll("terms") Term term) {
        Message message = Message.of("a", "b", fields);

        assertThat(matches(term.text(), message))
                .as("%s on %s", term.text(), fields)
                .isEqualTo(term.isTrueOf(message.toMap()))
                .isEqualTo(specification(term.text(), message));
    }

    @Provide
    Arbitrary<Map<String, Object>> fields() {
        Arbitrary<Object> scalar = Arbitraries.of(
                "1",
                "2",
                "x",
                "X",
                "",
                1L,
                2L,
                -1L,
                0.5,
                1.0,
                2.0,
                BigInteger.TWO.pow(70),
                new BigDecimal("1e400"),
                true,
                false,
                Map.of("p", "x"));
        Arbitrary<Object> value = scalar.injectNull(0.1);
        Arbitrary<Object> list = value.list().ofMaxSize(3).map(elements -> (Object) elements);
        return Arbitraries.oneOf(value, list).list().ofSize(2).map(values -> {
            Map<String, Object> fields = new HashMap<>();
            fields.put("p", values.get(0));
            fields.put("q", values.get(1));
            return fields;
        });
    }

    @Provide
    Arbitrary<Term> terms() {
        Arbitrary<Term> item = Combinators.combine(
                        Arbitraries.of("p", "q", "P", "r"),
                        Arbitraries.of("=", "<=", ">=", "=*"),
                        Arbitraries.of(
                                "1", "2", "x", "0.5", "1.0", "1180591620717411303424", "1e400", "true", "Infinity"))
                .as(Item::new);
        return Arbitraries.lazyOf(() -> item, () -> item, () -> terms().list()
                .ofMinSize(1)
                .ofMaxSize(3)
                .flatMap(operands -> Arbitraries.of('&', '|', '!').map(operator -> new Combined(operator, operands))));
    }

    /** A filter, as a naive reader takes it. */
    private interface Term {
        String text();

        boolean isTrueOf(Map<String, Object> fields);
    }

    private record Combined(char operator, List<Term> operands) implements Term {
        @Override
        public String text() {
            List<Term> used = operator == '!' ? operands.subList(0, 1) : operands;
            return "(" + operator + used.stream().map(Term::text).collect(Collectors.joining()) + ")";
        }

        @Override
        public boolean isTrueOf(Map<String, Object> fields) {
            return switch (operator) {
                case '&' -> operands.stream().allMatch(operand -> operand.isTrueOf(fields));
                case '|' -> operands.stream().anyMatch(operand -> operand.isTrueOf(fields));
                default -> !operands.get(0).isTrueOf(fields);
            };
        }
    }

    private record Item(String field, String operator, String operand) implements Term {
        @Override
        public String text() {
            return "(" + field + operator + (operator.equals("=*") ? "" : operand) + ")";
        }

        @Override
        public boolean isTrueOf(Map<String, Object> fields) {
            Object value = fields.get(field);
            return operator.equals("=*") ? value != null : isTrueOf(value);
        }

        private boolean isTrueOf(Object value) {
            if (value instanceof List<?> list) {
                return list.stream().anyMatch(this::isTrueOf);
            }
            IntPredicate holds = operator.equals("=")
                    ? difference -> difference == 0
                    : operator.equals("<=") ? difference -> difference <= 0 : difference -> difference >= 0;
            try {
                if (value instanceof String text) {
                    return holds.test(text.compareTo(operand));
                } else if (value instanceof Boolean truth) {
                    return holds.test(Boolean.compare(truth, Boolean.parseBoolean(operand)));
                } else if (value instanceof Long number) {
                    return holds.test(Long.compare(number, Long.parseLong(operand)));
                } else if (value instanceof Double number) {
                    return holds.test(Double.compare(number, Double.parseDouble(operand)));
                } else if (value instanceof BigInteger number) {
                    return holds.test(number.compareTo(new BigInteger(operand)));
                } else if (value instanceof BigDecimal number) {
                    return holds.test(number.compareTo(new BigDecimal(operand)));
                }
                return false;
            } catch (NumberFormatException ofAnotherType) {
                return false;
            }
        }
    }

    private static boolean matches(String filter, Message message) {
        return FieldFilter.parse(filter).test(message);
    }

    /** What EventAdmin's own {@code Event} says. */
    private static boolean specification(String filter, Message message) {
        try {
            return new EventContext(message, "app").toEvent().matches(FrameworkUtil.createFilter(filter));
        } catch (InvalidSyntaxException e) {
            throw new AssertionError(e);
        }
    }
}

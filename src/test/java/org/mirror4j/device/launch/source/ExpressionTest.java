package org.mirror4j.device.launch.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpressionTest {
  private static final List<String> NAMES = List.of("rows", "columns", "S");

  private static long value(String text, long... values) {
    return Expression.parse(text, NAMES).evaluate(values);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          7                                  | 7
          rows                               | 33
          2 + 3 * 4                          | 14
          (2 + 3) * 4                        | 20
          10 - 3 - 2                         | 5
          100 / 7 / 2                        | 7
          ceil(rows / 32)                    | 2
          ceil(rows * columns / 1024)        | 25
          ceil((rows + 31) / 32)             | 2
          min(rows, columns) + max(1, S)     | 35
          2 * S * rows * columns + 4*columns | 104584
          """)
  void evaluates(String text, long expected) {
    assertThat(value(text, 33, 769, 2)).isEqualTo(expected);
  }

  @Test
  void roundsDownAndUp() {
    assertThat(value("rows / 4", 7, 0, 0)).isEqualTo(1);
    assertThat(value("ceil(rows / 4)", 8, 0, 0)).isEqualTo(2);
    assertThat(value("ceil(rows / 4)", 9, 0, 0)).isEqualTo(3);
    assertThat(value("ceil(rows / 4)", 0, 0, 0)).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          row + 1     | has 'row', expected a number or one of [rows, columns, S]
          1 +         | has 'its end', expected
          (1 + 2      | has its end where ')' should be
          1 2         | has '2' where it should end
          ceil(rows)  | has a ceil of something that is not a quotient
          rows ^ 2    | cannot be read from '^ 2' on
          min(1)      | has ')' where ',' should be
          """)
  void refuses(String text, String message) {
    assertThatThrownBy(() -> Expression.parse(text, NAMES))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}

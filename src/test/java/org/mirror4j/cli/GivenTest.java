package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.lang.reflect.Field;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Option;

class GivenTest {
  private static final class Options {
    @Option(names = "--width")
    private Integer width;

    @Option(names = "--rate")
    private Double rate;

    @Option(names = "--no-order", fallbackValue = "false")
    private Boolean order;

    @Option(names = "--two")
    private Boolean two;

    Integer noOption = 3;
  }

  /** Zero and false are given as well as any other value; what is no option is not. */
  @Test
  void onlyWhatIsGiven() {
    Options options = new Options();
    new CommandLine(options).parseArgs();
    assertThat(Given.of(options)).isEmpty();
    new CommandLine(options).parseArgs("--rate", "0", "--no-order", "--two");
    assertThat(Given.of(options))
        .containsOnly(entry("rate", 0.0), entry("order", false), entry("two", true));
  }

  /**
   * Each option is called like a component of the settings, and each component has an option.
   *
   * @param without components that no option of their name sets
   */
  static void requireEachIsASetting(
      Class<?> options, Class<? extends Record> settings, String... without) {
    List<String> names =
        Arrays.stream(options.getDeclaredFields())
            .filter(field -> field.isAnnotationPresent(Option.class))
            .map(Field::getName)
            .toList();
    assertThat(Stream.concat(names.stream(), Stream.of(without)))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(settings.getRecordComponents())
                .map(RecordComponent::getName)
                .collect(Collectors.toList()));
  }
}

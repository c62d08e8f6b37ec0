package org.mirror4j.bench.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mirror4j.bench.contest.Contender;
import org.mirror4j.bench.contest.Protocol;
import org.mirror4j.bench.contest.Workload;
import org.mirror4j.device.Precision;
import org.openjdk.jmh.annotations.Param;

/** Sides of training measurements and the fields that take their parameters. */
class TrainingContestsTest {
  private static final Protocol PROTOCOL = Protocol.calls(1, 1, 1, 1);

  /** JMH passes over a parameter that no field has, and would measure the default. */
  @Test
  void eachParameterIsAFieldOfTheState() throws ReflectiveOperationException {
    TrainingContests contests = new TrainingContests(3, List.of(Precision.F32, Precision.BF16));
    List<Contender> contenders = new ArrayList<>();
    List<TrainingContests.Rival> rivals = List.of(TrainingContests.Rival.values());
    contenders.addAll(contests.step("mini", "sentence", 20, rivals, PROTOCOL).contenders());
    contenders.addAll(contests.encoder("mini", "sentence", 20, PROTOCOL).contenders());
    assertThat(contenders).hasSize(2 + rivals.size() + 3);
    for (Contender contender : contenders) {
      int dot = contender.benchmark().lastIndexOf('.');
      String name = contender.benchmark().substring(dot + 1);
      Method method =
          Arrays.stream(Class.forName(contender.benchmark().substring(0, dot)).getMethods())
              .filter(each -> each.getName().equals(name))
              .findFirst()
              .orElseThrow();
      List<String> fields =
          Arrays.stream(method.getParameterTypes()[0].getFields())
              .filter(field -> field.isAnnotationPresent(Param.class))
              .map(Field::getName)
              .toList();
      assertThat(contender.parameters().keySet())
          .as(contender.side())
          .containsExactlyInAnyOrderElementsOf(fields)
          .contains("shape", "recipe", "items");
      assertThat(contender.parameters())
          .containsEntry("shape", "mini")
          .containsEntry("recipe", "sentence")
          .containsEntry("items", "20");
    }
  }

  @Test
  void aStateHasTheWorkloadOfItsParameters() {
    TrainingStep.Mirror4j state = new TrainingStep.Mirror4j();
    state.shape = "mini";
    state.recipe = "sentence";
    state.items = 20;
    Workload expected = Workload.of("mini", "sentence", 20);
    assertThat(state.workload().parameters()).isEqualTo(expected.parameters());
    assertThat(state.workload().batches().getFirst()).isDeepEqualTo(expected.batches().getFirst());
  }

  @Test
  void viewsArePaddedToTheLongestOrToTheRecipes() {
    Workload workload = Workload.of("mini", "sentence", 20);
    assertThat(Padding.LONGEST.length(workload, 0)).isEqualTo(workload.longest(0));
    assertThat(Padding.MAXIMUM.length(workload, 0)).isEqualTo(50);
  }
}

package org.mirror4j.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonRecordsTest {
  private enum Way {
    BY_LAND,
    BY_SEA
  }

  private record Trip(int days, long seed, double rate, boolean there, String name, Way way) {
    Trip {
      if (days < 1) {
        throw new IllegalArgumentException("--days is " + days + ", expected at least 1");
      }
    }
  }

  private static final Trip TRIP = new Trip(2, 1L << 40, 2e-5, true, "a", Way.BY_SEA);

  private static final String JSON =
      """
      {"days":2,"seed":1099511627776,"rate":2.0E-5,"there":true,"name":"a","way":"by-sea"}\
      """;

  private static Trip read(String json) {
    return JsonRecords.read(
        Trip.class, JsonFiles.parseObject(json.getBytes(StandardCharsets.UTF_8), "f"), "f");
  }

  /** In the order of the components; doubles as Java writes them, the shortest that is exact. */
  @Test
  void everyTypeOfComponent() {
    assertThat(JsonRecords.write(TRIP).toString()).isEqualTo(JSON);
    assertThat(read(JSON)).isEqualTo(TRIP);
    for (double rate : new double[] {0, 1, 0.1, 1e-3, 1 / 3.0, Double.MIN_VALUE, 1e300}) {
      Trip trip = JsonRecords.with(TRIP, Map.of("rate", rate));
      assertThat(read(JsonRecords.write(trip).toString()).rate()).isEqualTo(rate);
      assertThat(JsonRecords.write(trip).get("rate").toString()).isEqualTo(Double.toString(rate));
    }
    assertThat(read(JSON.replace("2.0E-5", "3")).rate()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          "days":2       | "days":2.5     | f: 'days' is 2.5, expected an integer
          "days":2       | "days":"2"     | f: 'days' is "2", expected an integer
          "days":2       | "days":9999999999 | f: 'days' is 9999999999, expected an integer
          "days":2       | "weeks":2      | f: unknown key 'weeks'
          "days":2,      | ~~             | f: 'days' missing, expected an integer
          1099511627776  | 1e3            | f: 'seed' is 1000.0, expected an integer
          2.0E-5         | "x"            | f: 'rate' is "x", expected a number
          2.0E-5         | null           | f: 'rate' is null, expected a number
          true           | 1              | f: 'there' is 1, expected true or false
          "there":true,  | ~~             | f: 'there' missing, expected true or false
          "a"            | 7              | f: 'name' is 7, expected a string
          by-sea         | BY_SEA         | f: 'way' is "BY_SEA", expected by-land or by-sea
          "by-sea"       | 1              | f: 'way' is 1, expected a string
          """)
  void whatDoesNotFitIsRefusedByName(String found, String instead, String message) {
    assertThat(JSON).contains(found);
    assertThatThrownBy(() -> read(JSON.replace(found, instead)))
        .isInstanceOf(FileException.class)
        .hasMessage(message);
  }

  @Test
  void changesAreLaidOverARecord() {
    assertThat(JsonRecords.with(TRIP, Map.of())).isEqualTo(TRIP);
    assertThat(JsonRecords.with(TRIP, Map.of("seed", 7, "way", Way.BY_LAND, "there", false)))
        .isEqualTo(new Trip(2, 7, 2e-5, false, "a", Way.BY_LAND));
    assertThatThrownBy(() -> JsonRecords.with(TRIP, Map.of("sed", 7)))
        .isInstanceOf(FileException.class)
        .hasMessage("Trip: unknown key 'sed'");
    assertThatThrownBy(() -> JsonRecords.with(TRIP, Map.of("days", 0.5)))
        .isInstanceOf(FileException.class)
        .hasMessage("Trip: 'days' is 0.5, expected an integer");
  }

  /** What values may be is said by the record alone, as it says it. */
  @Test
  void theConstructorChecks() {
    assertThatThrownBy(() -> JsonRecords.with(TRIP, Map.of("days", 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("--days is 0, expected at least 1");
  }

  private record Journey(List<Trip> trips, SequencedMap<String, Double> costs, Trip last) {}

  @Test
  void recordsListsAndMaps() {
    SequencedMap<String, Double> costs = new LinkedHashMap<>();
    costs.put("z", 1.0);
    costs.put("a", 2.5);
    Journey journey = new Journey(List.of(TRIP, TRIP), costs, TRIP);
    ObjectNode json = JsonRecords.write(journey);
    assertThat(json.toString())
        .isEqualTo(
            "{\"trips\":[%1$s,%1$s],\"costs\":{\"z\":1.0,\"a\":2.5},\"last\":%1$s}"
                .formatted(JSON.strip()));
    assertThat(JsonRecords.read(Journey.class, json, "x.json")).isEqualTo(journey);
    ((ObjectNode) json.path("trips").get(1)).put("days", "two");
    assertThatThrownBy(() -> JsonRecords.read(Journey.class, json, "x.json"))
        .hasMessage("x.json: 'days' is \"two\", expected an integer");
    json.set("trips", json.get("costs"));
    assertThatThrownBy(() -> JsonRecords.read(Journey.class, json, "x.json"))
        .hasMessageStartingWith("x.json: 'trips' is {")
        .hasMessageEndingWith("expected an array");
    json.putArray("trips");
    json.putObject("costs").put("a", true);
    assertThatThrownBy(() -> JsonRecords.read(Journey.class, json, "x.json"))
        .hasMessage("x.json: 'a' is true, expected a number");
  }

  @Test
  void typesThatAreNoSettings() {
    record Other(Object thing) {}
    assertThatThrownBy(() -> JsonRecords.write(new Other(new int[0])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("is no number, truth value, text, constant, record, list or map");
    assertThatThrownBy(() -> JsonRecords.resource(Trip.class, "absent.json"))
        .isInstanceOf(FileException.class)
        .hasMessage("absent.json: no such resource beside Trip");
  }
}

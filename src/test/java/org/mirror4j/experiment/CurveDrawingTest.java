package org.mirror4j.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class CurveDrawingTest {
  private static Document parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)));
  }

  private static List<double[]> circles(Document document) {
    NodeList nodes = document.getElementsByTagName("circle");
    List<double[]> circles = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      Element circle = (Element) nodes.item(i);
      circles.add(
          new double[] {
            Double.parseDouble(circle.getAttribute("cx")),
            Double.parseDouble(circle.getAttribute("cy"))
          });
    }
    return circles;
  }

  /** A value twice as far to the right is drawn twice as far, a higher one higher. */
  @Test
  void pointsStandWhereTheirValuesSay() throws Exception {
    Curve ours =
        new Curve(
            "a < b",
            List.of(
                new Curve.Point(0, 10, 0.5), new Curve.Point(1, 20, 0), new Curve.Point(3, 15, 0)));
    Curve theirs = new Curve("published", List.of(new Curve.Point(0, 12, 0)));
    Document svg = parse(new CurveDrawing("title & more", "x", "y", List.of(ours, theirs)).svg());
    List<double[]> circles = circles(svg);
    assertThat(circles).hasSize(4);
    double step = circles.get(1)[0] - circles.get(0)[0];
    assertThat(step).isPositive();
    // Coordinates are written with one digit after the point.
    assertThat(circles.get(2)[0] - circles.get(0)[0]).isCloseTo(3 * step, within(0.3));
    assertThat(circles.get(3)[0]).isEqualTo(circles.get(0)[0]);
    double unit = (circles.get(0)[1] - circles.get(1)[1]) / 10;
    assertThat(unit).isPositive();
    assertThat(circles.get(0)[1] - circles.get(2)[1]).isCloseTo(5 * unit, within(0.2));
    assertThat(circles.get(0)[1] - circles.get(3)[1]).isCloseTo(2 * unit, within(0.2));
    assertThat(svg.getDocumentElement().getTextContent())
        .contains("title & more", "a < b", "published");
  }

  @Test
  void oneValueIsDrawnToo() throws Exception {
    Curve flat = new Curve("flat", List.of(new Curve.Point(5, 7, 0)));
    List<double[]> circles = circles(parse(new CurveDrawing("t", "x", "y", List.of(flat)).svg()));
    assertThat(circles).hasSize(1);
    assertThat(circles.getFirst()[0]).isBetween(0.0, 720.0);
    assertThat(circles.getFirst()[1]).isBetween(0.0, 420.0);
  }

  /** 1,000 and 2,000 of 100,000 are five pixels apart. */
  @Test
  void labelsOfTheAxisDoNotCoverEachOther() {
    Curve sizes =
        new Curve(
            "sizes",
            List.of(
                new Curve.Point(1000, 1, 0),
                new Curve.Point(2000, 2, 0),
                new Curve.Point(50_000, 3, 0),
                new Curve.Point(100_000, 4, 0)));
    assertThat(new CurveDrawing("t", "x", "y", List.of(sizes)).svg())
        .contains(">1000<", ">50000<", ">100000<")
        .doesNotContain(">2000<");
  }
}

import Feature from "ol/Feature";
import OlMap from "ol/Map";
import View from "ol/View";
import { defaults as defaultControls } from "ol/control/defaults";
import MultiPolygon from "ol/geom/MultiPolygon";
import Point from "ol/geom/Point";
import { fromExtent } from "ol/geom/Polygon";
import TileLayer from "ol/layer/Tile";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import XYZ from "ol/source/XYZ";
import CircleStyle from "ol/style/Circle";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import Text from "ol/style/Text";
import TileGrid from "ol/tilegrid/TileGrid";
import land from "world-atlas/land-110m.json";
import { texts } from "../texts";
import { pageColour } from "../ui/pageColour";
import type { Background, Box, Cell, Placed, Places } from "./placesApi";
import { polygonsOf, type Topology } from "./topology";
import { acrossOf, boxOf, extentOf, radiusOf } from "./view";
import "ol/ol.css";

interface Events {
  /** The view came to rest. */
  onView(box: Box, across: number): void;
  /** Pictures whose footprints lie where the map was touched; none for an empty place. */
  onPick(images: Placed[]): void;
}

interface Colours {
  ink: string;
  land: string;
  line: string;
  plain: string;
  found: string;
  other: string;
  surface: string;
}

/** The world in longitude and latitude with footprints or groups of them: OpenLayers, in the page's colours. */
export class PlacesMap {
  readonly #map: OlMap;
  readonly #places = new VectorSource();
  readonly #placesLayer: VectorLayer;
  readonly #landLayer: VectorLayer;
  readonly #background = new TileLayer({ visible: false });
  readonly #element: HTMLElement;
  #colours: Colours;
  #positive: string | null = null;
  #picked = new Set<string>();

  constructor(element: HTMLElement, events: Events) {
    this.#element = element;
    this.#colours = coloursOf(element);
    const coast = new Feature(new MultiPolygon(polygonsOf(land as unknown as Topology, "land")));
    this.#landLayer = new VectorLayer({ source: new VectorSource({ features: [coast] }), style: () => this.#landStyle() });
    this.#placesLayer = new VectorLayer({ source: this.#places, style: (feature) => this.#style(feature as Feature) });
    this.#map = new OlMap({
      target: element,
      layers: [this.#background, this.#landLayer, this.#placesLayer],
      controls: defaultControls({
        rotate: false,
        zoomOptions: { zoomInTipLabel: texts.places.zoomIn, zoomOutTipLabel: texts.places.zoomOut },
        attributionOptions: { collapsible: false },
      }),
      view: new View({ projection: "EPSG:4326", center: [0, 10], zoom: 1, minZoom: 0, maxZoom: 17, enableRotation: false }),
    });
    const tell = () => {
      const size = this.#map.getSize();
      if (size?.[0] && size[1]) events.onView(boxOf(this.#map.getView().calculateExtent(size) as [number, number, number, number]), acrossOf(size[0]));
    };
    // A map that is drawn once and stands still has not moved: OpenLayers says nothing of it.
    this.#map.once("postrender", tell);
    this.#map.on("moveend", tell);
    this.#map.on("singleclick", (event) => {
      const features = this.#map.getFeaturesAtPixel(event.pixel, { layerFilter: (layer) => layer === this.#placesLayer, hitTolerance: 6 });
      const cell = features.map((feature) => feature.get("cell") as Cell | undefined).find(Boolean);
      if (cell) this.fit(cell.bounds);
      else events.onPick(features.map((feature) => feature.get("image") as Placed));
    });
  }

  /** Shows what the server found. */
  show(places: Places, positive: string | null): void {
    this.#positive = positive;
    const features = [
      ...places.cells.map((cell) => new Feature({ geometry: new Point([cell.longitude, cell.latitude]), cell })),
      ...places.images.map((image) => new Feature({ geometry: fromExtent(extentOf(image.box)), image })),
    ];
    this.#places.clear(true);
    this.#places.addFeatures(features);
  }

  pick(images: readonly Placed[]): void {
    this.#picked = new Set(images.map((image) => image.imageId));
    this.#placesLayer.changed();
  }

  fit(box: Box): void {
    this.#map.getView().fit(extentOf(box), { padding: [40, 40, 40, 40], minResolution: 0.0005, duration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 250 });
  }

  /** Lays the pictures of a day under the footprints; null takes them away. */
  setBackground(background: Background | null, day: string): void {
    this.#background.setVisible(background !== null);
    this.#landLayer.changed();
    if (!background) return;
    this.#background.setSource(
      new XYZ({
        attributions: background.attribution,
        projection: "EPSG:4326",
        // Without this the browser would ask for the tiles with cookies and as a page that reads them.
        crossOrigin: null,
        tileGrid: new TileGrid({
          origin: [-180, 90],
          resolutions: Array.from({ length: background.levels }, (_, level) => background.firstResolution / 2 ** level),
          tileSize: background.tileSize,
        }),
        tileUrlFunction: ([z, x, y]) =>
          background.url.replace("{date}", day).replace("{z}", String(z)).replace("{y}", String(y)).replace("{x}", String(x)),
      }),
    );
  }

  /** Reads the page's colours again. */
  recolour(): void {
    this.#colours = coloursOf(this.#element);
    this.#landLayer.changed();
    this.#placesLayer.changed();
  }

  dispose(): void {
    this.#map.setTarget(undefined);
    this.#map.dispose();
  }

  #landStyle(): Style {
    const pictured = this.#background.getVisible();
    return new Style({ stroke: new Stroke({ color: pictured ? "#ffffff" : this.#colours.line, width: 1 }), ...(pictured ? {} : { fill: new Fill({ color: this.#colours.land }) }) });
  }

  #style(feature: Feature): Style {
    const cell = feature.get("cell") as Cell | undefined;
    const { ink, surface, plain, found, other } = this.#colours;
    if (cell) {
      const colour = cell.found > 0 ? found : plain;
      return new Style({
        image: new CircleStyle({ radius: radiusOf(cell.count), fill: new Fill({ color: surface }), stroke: new Stroke({ color: colour, width: cell.found > 0 ? 4 : 2.5 }) }),
        text: new Text({ text: brief(cell.count), font: "600 12px system-ui, sans-serif", fill: new Fill({ color: ink }) }),
      });
    }
    const image = feature.get("image") as Placed;
    const picked = this.#picked.has(image.imageId);
    const colour = image.value === null ? plain : image.value === this.#positive ? found : other;
    return new Style({
      stroke: new Stroke({ color: picked ? ink : colour, width: picked ? 4 : 2, ...(image.value !== null && !image.byPerson ? { lineDash: [6, 4] } : {}) }),
      fill: new Fill({ color: `${colour}2e` }),
      zIndex: picked ? 2 : image.value === this.#positive ? 1 : 0,
    });
  }
}

/** The page's own, as `#rrggbb`. */
function coloursOf(element: HTMLElement): Colours {
  const colour = (name: string) => `#${pageColour(element, name).map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  return { ink: colour("ink"), land: colour("line"), line: colour("muted"), plain: colour("accent"), found: colour("yes"), other: colour("no"), surface: colour("surface") };
}

const brief = (count: number) => (count < 1000 ? String(count) : count < 9_950 ? `${(count / 1000).toFixed(1)}k` : count < 999_500 ? `${Math.round(count / 1000)}k` : `${(count / 1_000_000).toFixed(1)}M`);
